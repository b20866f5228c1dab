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
		var user map[string]any
		if err := Fetch(ctx, api, apiURL+path, &user); err != nil {
			return "", err
		}
		if name, isText := user[field].(string); isText && name != "" {
			return OneLine(name, 60), nil
		}
		return "", fmt.Errorf("%s gave no readable user", hostOf(apiURL))
	}
}

// Fetch reads the JSON at an address into a value. All but the answer 200 is an error:
// for 401 it holds [credentials.ErrTokenRefused].
func Fetch(ctx context.Context, api *http.Client, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := api.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return fmt.Errorf("%s: %w", request.URL.Host, credentials.ErrTokenRefused)
	default:
		return fmt.Errorf("%s answered %d", request.URL.Host, response.StatusCode)
	}
	if json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<20)).Decode(into) != nil {
		return fmt.Errorf("%s gave no readable answer", request.URL.Host)
	}
	return nil
}
