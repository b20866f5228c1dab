// Package sandbox is a practice authorization server and APIs in the shape of GitHub's, of Google Calendar's and of
// Microsoft Graph's, for the demo and for tests. With U for its address they are where GITHUB_HOST=U, GOOGLE_API_URL=U and
// MICROSOFT_API_URL=U/v1.0 say.
//
// It speaks the device authorization grant (RFC 8628), refresh with rotation (RFC 6749 §6, RFC 9700 §4.14.2), revocation
// (RFC 7009), metadata (RFC 8414) and GitHub's own way of revoking, under the paths of a GitHub Enterprise Server. A person
// approves on a page at /login/device; [ApproveInPage] and [DenyInPage] do it as a person would.
//
// It listens on a loopback address only and answers requests that name a loopback host only. It keeps everything in memory
// until Close: what it was asked ([Sandbox.Requests]) includes secrets, which are worth nothing anywhere else.
//
// It knows no accounts, no passwords and one client, and nothing of the packages that sign in to it.
package sandbox
