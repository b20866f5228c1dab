package loopback

import "errors"

// What can end a flow besides the errors of package oauth, such as
// [oauth.ErrDenied], and what to do about it. The errors that Start and Wait
// answer wrap one of these and, when a server said so, its [oauth.Error].
var (
	// ErrBusy: the port is taken; the error names it.
	ErrBusy = errors.New("the port that the browser brings its answer to is in use by another program; stop that one, or choose another port")
	// ErrExpired: nobody approved in time.
	ErrExpired = errors.New("nobody has approved the sign-in in time; start it again")
	// ErrRedirect: the redirect address is none, not this machine's, or not the
	// one that the application is registered with.
	ErrRedirect = errors.New("the redirect address can't be used; it must be http on a loopback host, without a port, and be set in the application's settings")
	// ErrIncorrectCode: the server doesn't take the code it has just given.
	ErrIncorrectCode = errors.New("the authorization server doesn't take its own code any more; start the sign-in again")
	// ErrUnavailable: the server is out of order.
	ErrUnavailable = errors.New("the authorization server can't sign anybody in at the moment; try again later")
	// ErrSaved: what [Restore] was given is no saved authorization.
	ErrSaved = errors.New("the saved sign-in can't be read; start a new one")
)

// meanings are what the codes stand for that this flow has besides: those of RFC
// 6749 §4.1.2.1 and §5.2, and GitHub's
// (https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors).
func meanings() map[string]error {
	return map[string]error{
		"invalid_grant":           ErrIncorrectCode,
		"bad_verification_code":   ErrIncorrectCode,
		"redirect_uri_mismatch":   ErrRedirect,
		"server_error":            ErrUnavailable,
		"temporarily_unavailable": ErrUnavailable,
	}
}
