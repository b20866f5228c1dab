package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/valetkey/valetkey/credentials"
)

// Identify answers a function that asks an API whose the token is: the field of
// the object at a path.
func Identify(path, field string) func(ctx context.Context, api *http.Client, apiURL string) (string, error) {
	return func(ctx context.Context, api *http.Client, apiURL string) (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, apiURL+path, nil)
		if err != nil {
			return "", err
		}
		response, err := api.Do(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
		case http.StatusUnauthorized:
			return "", fmt.Errorf("%s: %w", request.URL.Host, credentials.ErrTokenRefused)
		default:
			return "", fmt.Errorf("%s answered %d", request.URL.Host, response.StatusCode)
		}
		var user map[string]any
		err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<20)).Decode(&user)
		if name, isText := user[field].(string); err == nil && isText && name != "" {
			return OneLine(name, 60), nil
		}
		return "", fmt.Errorf("%s gave no readable user", request.URL.Host)
	}
}
