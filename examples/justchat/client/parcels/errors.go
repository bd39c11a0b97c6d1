package parcels

import (
	"errors"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// longestReason is how many bytes of what others say for a reason a person is shown.
const longestReason = 300

// A reason is an error in words that can be shown.
type reason struct {
	text  string
	cause error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.cause }

// plain returns err in words that can be shown to a person.
func plain(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	var failure *runtime.Error
	if declared := runtime.DeclaredError(nil); errors.As(err, &declared) {
		text = declared.Error()
	} else if errors.As(err, &failure) {
		text = failure.Message()
	}
	if text = brief(text); text == err.Error() {
		return err
	}
	return &reason{text, err}
}

// brief returns what others say as it can be shown, and no more than a few lines of it.
func brief(text string) string {
	if len(text) > longestReason {
		text = text[:longestReason] + "…"
	}
	return names.Printable(text, false)
}

// errUnreached is why an attempt ends that has heard nothing for Limits.Unreached.
var errUnreached = errors.New("nobody was reached in time")

// unreached says what the person can do after Limits.Unreached. Last is what the last attempt has failed with.
func (s *Set) unreached(p *parcel, last error) error {
	who, again := "the servers", "try again later"
	if p.is.With != "" && !p.is.Public {
		who = p.is.With
		again = "share it again when both of you are here"
		if !p.is.Sending {
			again = "have it offered again, and it goes on where it was"
		}
	}
	s.Logger.Info("file given up", "name", p.is.Name, "with", p.is.With, "reason", last)
	return fmt.Errorf("%s could not be reached for %v; %s", who, s.Limits.Unreached, again)
}

// again says to who asks that he may ask again.
func again(why string) error { return runtime.NewError(runtime.CodeUnavailable, why) }

// isFinal reports whether no other attempt would fare better. Reached says that the other side was reached before:
// who is away now may come back.
func isFinal(err error, reached bool) bool {
	var (
		declined *justchat.Declined
		refused  *justchat.RefusedFile
		exists   *justchat.FileExists
		much     *justchat.TooMuch
		quorum   *justchat.NoQuorum
		away     *justchat.NotHere
		fast     *justchat.TooFast
		failure  *runtime.Error
		declared runtime.DeclaredError
	)
	switch {
	case errors.As(err, &away):
		return !reached
	case errors.As(err, &fast):
		return false
	case errors.As(err, &declined), errors.As(err, &refused), errors.As(err, &exists), errors.As(err, &much), errors.As(err, &quorum),
		errors.Is(err, transfer.ErrChanged):
		return true
	case errors.As(err, &failure) && failure.Remote():
		switch failure.Code() {
		case runtime.CodeInvalidArgument, runtime.CodePermissionDenied, runtime.CodeUnimplemented:
			return true
		case runtime.CodeResourceExhausted: // a disk is full, or else it is for a while
			return errors.As(err, &declared)
		}
	}
	return false
}

// atLeast returns how long who failed was asked to wait.
func atLeast(err error) time.Duration {
	if fast := (*justchat.TooFast)(nil); errors.As(err, &fast) {
		return min(fast.Wait, time.Minute)
	}
	return 0
}
