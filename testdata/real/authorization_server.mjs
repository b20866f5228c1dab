// An authorization server that nobody here has written: device grant (RFC 8628),
// rotating refresh tokens, revocation (RFC 7009), discovery (RFC 8414), access
// tokens for an API (RFC 8707, RFC 9068), client credentials (RFC 6749 §4.4), registration of clients (RFC 7591, RFC 7592).
// Anybody may sign in with any password. It prints READY and its issuer, then REGISTERED or REMOVED and a client id, and ends
// when its stdin does.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const device = 'urn:ietf:params:oauth:grant-type:device_code';
const client = { application_type: 'native', redirect_uris: [], response_types: [], grant_types: [device, 'refresh_token'] };

const provider = new Provider(issuer, {
  clients: [
    { ...client, client_id: 'public-example', token_endpoint_auth_method: 'none' },
    { ...client, client_id: 'confidential-example', client_secret: 'secret-example', token_endpoint_auth_method: 'client_secret_post' },
    { ...client, client_id: 'program-example', client_secret: 'secret:program/', token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'] },
    { ...client, client_id: 'basic-example', client_secret: 'secret:example/', token_endpoint_auth_method: 'client_secret_basic' },
  ],
  scopes: ['openid', 'offline_access', 'read'],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  cookies: { keys: ['example'] },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, audience) => ({ audience, scope: 'read', accessTokenFormat: 'jwt' }),
    },
  },
  ttl: { AccessToken: 3600, RefreshToken: 86400, DeviceCode: 600, Grant: 86400, Session: 3600, Interaction: 600, IdToken: 600 },
});
provider.on('registration_create.success', (_, { clientId }) => console.log(`REGISTERED ${clientId}`));
provider.on('registration_delete.success', (_, { clientId }) => console.log(`REMOVED ${clientId}`));
server.on('request', provider.callback());
process.stdin.resume().on('end', () => process.exit(0));
console.log(`READY ${issuer}`);
