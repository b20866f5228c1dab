package rest

import (
	"math"
	"testing"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain\n\ttext ü 日本 🎉":                   "plain\n\ttext ü 日本 🎉",
		"a\r\nb\rc":                              "a\nbc",
		"esc\x1b[31mred\x07\x00":                 "esc[31mred",
		"rtl\u202eevil\u2066x\u2069\u200f":       "rtlevilx",
		"zero\u200b\u200c\u200d\u2060\ufeffs":    "zeros",
		"tags\U000e0041\U000e0042\U000e007f":     "tags",
		"soft\u00adhyphen\u034f\u115f\u3164":     "softhyphen",
		"line\u2028para\u2029":                   "line\npara\n",
		"selectors a\ufe00\U000e0100\U000e01efb": "selectors ab",
		"heart ❤\ufe0f":                          "heart ❤\ufe0f",
		"arabic number sign \u0600":              "arabic number sign \u0600",
		"c1 \u0085\u009b31m":                     "c1 31m",
		"invalid \xff\xfe":                       "invalid \uFFFD",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  a \n\n b\t": "a b", "12345": "12345", "123456": "1234…", "日本語日本語": "日本語日…", "1 2 345": "1 2…", "": "",
	} {
		if got := OneLine(in, 5); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "", 1: "1 file", 2000: "2,000 files"} {
		if got := Count(n, "file"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 B", 999: "999 B", 1250: "1.2 kB", 2_500_000: "2.5 MB"} {
		if got := Size(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
