package oauth_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/oauth"
)

// The first and the last address of each block of the IANA special-purpose
// registries, and their neighbours outside.
func TestForeignAddressesInside(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: oauth.Network{}.ForeignTransport()}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for inside, hosts := range map[bool]string{
		true: `0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255 127.0.0.1 127.8.9.10
			169.254.0.0 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.0 192.0.0.170 192.0.0.255 192.0.2.1 192.88.99.1
			192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250
			240.0.0.1 255.255.255.255
			[::] [::1] [::10.0.0.1] [::8.8.8.8] [::ffff:127.0.0.1] [::ffff:10.0.0.1] [::ffff:100.64.0.1] [::ffff:198.18.0.1]
			[::ffff:0:10.0.0.1] [64:ff9b::10.0.0.1] [64:ff9b::7f00:1] [64:ff9b::198.18.0.1] [64:ff9b::1:8.8.8.8]
			[64:ff9b:1::] [64:ff9b:1::8.8.8.8] [64:ff9b:1:ffff:ffff:ffff:ffff:ffff] [100::1] [100:0:0:1::1]
			[2001::1] [2001:0:4136:e378:8000:63bf:3fff:fdd2] [2001:2::1] [2001:10::1] [2001:20::1] [2001:1ff:ffff::1]
			[2001:db8::1] [2001:db8:ffff::1] [2002::] [2002:a00:1::1] [2002:808:808::1] [2002:ffff::1] [3fff::1] [3fff:fff::1]
			[4000::1] [5f00::1] [fc00::1] [fd12:3456::1] [fe80::1] [fe80::1%25eth0] [fec0::1] [feff::1] [ff02::1] [ff0e::1]`,
		false: `1.0.0.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255
			169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.0.3.1 192.88.98.1 192.88.100.1 192.167.255.255 192.169.0.1
			198.17.255.255 198.20.0.1 198.51.99.1 198.51.101.1 203.0.112.1 203.0.114.1 223.255.255.255
			[::ffff:8.8.8.8] [64:ff9b::8.8.8.8] [2000::1] [2001:200::1] [2001:db7::1] [2001:db9::1] [2001:4860:4860::8888]
			[2003::1] [2606:50c0:8000::153] [2620:4f:8000::1] [3ffe::1] [3fff:1000::1]`,
	} {
		for host := range strings.FieldsSeq(hosts) {
			request, err := http.NewRequestWithContext(ended, http.MethodGet, "https://"+host+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Do(request)
			if errors.Is(err, oauth.ErrInside) != inside || errors.Is(err, context.Canceled) == inside {
				t.Errorf("%s: got %v", host, err)
			}
		}
	}
}

// A name tells nothing; what it leads to is looked at.
func TestForeignNameThatLeadsInside(t *testing.T) {
	t.Parallel()
	here := record(t, nil)
	_, port, err := net.SplitHostPort(here.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = get(&http.Client{Transport: oauth.Network{}.ForeignTransport()}, "http://localhost:"+port+"/")
	if !errors.Is(err, oauth.ErrInside) || len(here.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(here.requests()))
	}
}

// A proxy inside is the person's own choice; an address inside stays refused.
func TestForeignAddressThroughAProxy(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	relay := newRelay(t, a.serve(answering(200, "", "hello"), nil))
	proxy := httptest.NewServer(relay)
	t.Cleanup(proxy.Close)
	n := proxied(t, "http", proxy.Listener.Addr().String())
	n.Roots = a.pool()
	client := &http.Client{Transport: n.ForeignTransport()}
	if _, err := get(client, "https://10.0.0.1/"); !errors.Is(err, oauth.ErrInside) || len(relay.requests()) != 0 {
		t.Errorf("got %v after %q", err, relay.requests())
	}
	if got, err := get(client, "https://github.example/"); err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}
