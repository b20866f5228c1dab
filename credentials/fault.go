package credentials

import (
	"errors"
	"fmt"
	"strings"
)

// fault is what is wrong and what a person can do about it, in that order. Who
// wraps one adds no advice of their own.
type fault struct {
	wrong error
	mend  string
}

func faulty(mend, format string, args ...any) error {
	return &fault{fmt.Errorf(format, args...), mend}
}

func (f *fault) Error() string { return f.wrong.Error() + "; " + f.mend }

func (f *fault) Unwrap() error { return f.wrong }

// Mend answers what a person can do about it.
func (f *fault) Mend() string { return f.mend }

// Advice splits an error into what is wrong and what a person can do about it,
// "" where the error doesn't say.
func Advice(err error) (wrong, mend string) {
	var advised interface {
		error
		Mend() string
	}
	if !errors.As(err, &advised) {
		return err.Error(), ""
	}
	return strings.TrimSuffix(advised.Error(), "; "+advised.Mend()), advised.Mend()
}
