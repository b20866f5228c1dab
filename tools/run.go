package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// maxAnswer is how many bytes of an answer a model gets to read, about 8,000
// tokens. Claude Code refuses answers over 25,000 tokens.
const maxAnswer = 32_000

// errPanic stands for what a tool panicked with, which may hold anything.
var errPanic = errors.New("the tool stopped unexpectedly, which is a fault in valetkey; the same call may work again, and a report is welcome")

// Run calls a tool as the server does, without asking anybody to sign in: a
// panic becomes an error that doesn't hold its value, and a long answer is cut.
// The answer may be empty; the error is fit for a model to read.
func Run(ctx context.Context, log *slog.Logger, tool Tool, arguments json.RawMessage) (answer string, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			log.Error("a tool panicked", "tool", tool.Name, "with a value of type", fmt.Sprintf("%T", panicked))
			answer, err = "", errPanic
		}
	}()
	answer, err = tool.Call(ctx, arguments)
	if errors.Is(err, context.Canceled) {
		err = Explain(err, "the call was cancelled before it was done")
	}
	return cut(answer), withoutAddress(err)
}

// withoutAddress drops the method and URL that net/http puts before an error.
func withoutAddress(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) && error(sent) == err {
		return sent.Err
	}
	return err
}

// cut ends a long answer at a line and says that it did.
func cut(answer string) string {
	if len(answer) <= maxAnswer {
		return answer
	}
	kept := answer[:maxAnswer]
	if end := strings.LastIndexByte(kept, '\n'); end > 0 {
		kept = kept[:end]
	}
	kept = strings.ToValidUTF8(kept, "")
	return fmt.Sprintf("%s\n[cut here: %d of %d bytes shown; ask for less, or for the next page]", kept, len(kept), len(answer))
}
