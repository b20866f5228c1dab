// An authorization server that nobody here has written: device grant (RFC 8628), authorization code with PKCE (RFC 7636) and the
// issuer in its answer (RFC 9207), refresh tokens, revocation (RFC 7009), introspection (RFC 7662), discovery (RFC 8414), access
// tokens for an API (RFC 8707, RFC 9068), client credentials (RFC 6749 §4.4), registration of clients (RFC 7591, RFC 7592).
// Anybody may sign in with any password. It prints READY and its issuer, then REGISTERED or REMOVED and a client id, and ends
// when its stdin does.
// node authorization_server.mjs [QUIRKS...] starts one issuer for each argument, which names what is unusual about it, separated
// by commas (see below; "usual" for nothing), and prints READY for each in turn. Without arguments there is one usual issuer.
import { createServer } from 'node:http';
import { Provider, errors } from 'oidc-provider';

const device = 'urn:ietf:params:oauth:grant-type:device_code';
const redirect_uris = ['http://127.0.0.1/callback'];
const program = { application_type: 'native', redirect_uris: [], response_types: [], grant_types: [device, 'refresh_token'] };
const browser = { ...program, redirect_uris, response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] };
const both = { ...browser, grant_types: [...browser.grant_types, device] };

const clients = (quirks) => [
  { ...program, client_id: 'public-example', token_endpoint_auth_method: 'none' },
  { ...program, client_id: 'confidential-example', client_secret: 'secret-example', token_endpoint_auth_method: 'client_secret_post' },
  { ...program, client_id: 'program-example', client_secret: 'secret:program/', token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'] },
  { ...program, client_id: 'api-example', client_secret: 'secret-example', token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'] },
  { ...program, client_id: 'basic-example', client_secret: 'secret:example/', token_endpoint_auth_method: 'client_secret_basic' },
  { ...both, client_id: 'both-example', token_endpoint_auth_method: 'none' },
  { ...browser, client_id: 'browser-example', token_endpoint_auth_method: 'none' },
  { ...browser, client_id: 'browser-basic-example', client_secret: 'secret:basic/', token_endpoint_auth_method: 'client_secret_basic' },
  { ...browser, client_id: 'browser-post-example', client_secret: 'secret:post/', token_endpoint_auth_method: 'client_secret_post' },
  { ...program, redirect_uris, client_id: 'device-example', token_endpoint_auth_method: 'none' },
  // Not a native client's: its redirect address is compared with the port.
  ...quirks.filter((quirk) => quirk.startsWith('port=')).map((quirk) => ({
    ...both, application_type: 'web', client_id: 'port-example', token_endpoint_auth_method: 'none',
    redirect_uris: [`http://127.0.0.1:${quirk.slice('port='.length)}/callback`],
  })),
];

const configuration = (quirks) => {
  const is = (quirk) => quirks.includes(quirk);
  return {
    clients: clients(quirks)
      .filter(({ token_endpoint_auth_method: method }) => !is('post-only') || method !== 'client_secret_basic')
      .map((client) => ({ ...client, grant_types: client.grant_types.filter((grant) => !is('no-device') || grant !== device) })),
    clientAuthMethods: ['none', 'client_secret_post', ...(is('post-only') ? [] : ['client_secret_basic'])],
    scopes: ['openid', 'offline_access', 'read', 'calendar'],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => !is('no-refresh'),
    rotateRefreshToken: () => !is('keep-refresh'),
    cookies: { keys: ['example'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: !is('no-device') },
      revocation: { enabled: !is('no-revocation') },
      introspection: { enabled: true },
      clientCredentials: { enabled: true },
      registration: { enabled: !is('no-registration'), initialAccessToken: is('initial-access-token') && 'example-initial-token' },
      registrationManagement: { enabled: !is('no-registration') },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({ audience, scope: 'read', accessTokenFormat: 'jwt' }),
      },
    },
    ttl: { AccessToken: is('short') ? 30 : 3600, RefreshToken: 86400, DeviceCode: 600, Grant: 86400, Session: 3600, Interaction: 600, IdToken: 600 },
  };
};

// What other providers do and this one doesn't by itself.
const manners = (quirks) => async (ctx, next) => {
  await next();
  const is = (quirk) => quirks.includes(quirk);
  const refuse = ({ status, error, error_description }) => Object.assign(ctx, { status, body: { error, error_description } });
  const { route, params, body } = ctx.oidc ?? {};
  if (route === 'device_authorization' && ctx.status === 200 && is('fast')) {
    ctx.body = { ...ctx.body, interval: 1 };
  }
  // Google gives devices few scopes: https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
  if (route === 'device_authorization' && is('device-scopes') && params.scope?.includes('calendar')) {
    refuse(new errors.InvalidScope('not for devices', 'calendar'));
  }
  // This one takes a secret in the header and in the body alike.
  if (route === 'token' && (is('post-only') && ctx.get('authorization') || is('basic-only') && body?.client_secret)) {
    refuse(new errors.InvalidClient('the secret is in the wrong place'));
  }
};

for (const words of process.argv.length > 2 ? process.argv.slice(2) : ['usual']) {
  const quirks = words.split(',');
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(quirks));
  provider.use(manners(quirks));
  provider.on('registration_create.success', (_, { clientId }) => console.log(`REGISTERED ${clientId}`));
  provider.on('registration_delete.success', (_, { clientId }) => console.log(`REMOVED ${clientId}`));
  server.on('request', provider.callback());
  console.log(`READY ${issuer}`);
}
process.stdin.resume().on('end', () => process.exit(0));
