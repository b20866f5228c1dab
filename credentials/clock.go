package credentials

import (
	"context"
	"net/http"
	"time"
)

// maxSkew is how wrong a clock may be without harm.
const maxSkew = time.Minute

// ClockSkew answers by how much this machine's clock is ahead of the service's,
// by its latest answer (RFC 9110 §6.6.1); ok is false before there is one. The
// precision is a second and the time the answer took.
func (c *Credential) ClockSkew() (ahead time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.dated
}

// noteDate compares the clocks, and says once if they differ: tokens are
// renewed too late by a slow clock, and at every call by a fast one.
func (c *Credential) noteDate(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	ahead := c.Now().Sub(date).Round(time.Second)
	c.mu.Lock()
	first := !c.told && ahead.Abs() > maxSkew
	c.skew, c.dated, c.told = ahead, true, c.told || first
	c.mu.Unlock()
	if first {
		c.Log.Warn(c.Name()+": this machine's clock and the service's differ; set this one right", "this one is ahead by", ahead)
	}
}

// Reach asks the service's API for anything, without a token. Whatever it
// answers, it can be reached.
func (c *Credential) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Service.APIURL, nil)
	if err != nil {
		return err
	}
	response, err := c.clientOf(transport{Credential: c, only: &grant{}}).Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	response.Body.Close()
	return nil
}
