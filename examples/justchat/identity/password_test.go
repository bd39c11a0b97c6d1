package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHasher(t *testing.T) {
	h := &Hasher{Cheap: true}
	hash, err := h.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("got %q, %v, want the usual form", hash, err)
	}
	if other, _ := h.Hash(t.Context(), "correct horse"); other == hash {
		t.Error("got one hash twice, want a salt for each")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct Horse": false, "": false, "correct horse ": false, strings.Repeat("x", 2000): false} {
		if got, err := h.Check(t.Context(), hash, password); got != want || err != nil {
			t.Errorf("%.20q: got %t, %v, want %t", password, got, err, want)
		}
	}
	for _, password := range []string{"", strings.Repeat("x", LongestPassword+1)} {
		if _, err := h.Hash(t.Context(), password); !errors.Is(err, ErrPassword) {
			t.Errorf("%.20q: got %v, want ErrPassword", password, err)
		}
	}
}

// TestHasherUsual makes a real one, which a cheap one can check, and the other way round.
func TestHasherUsual(t *testing.T) {
	real, quick := new(Hasher), &Hasher{Cheap: true}
	hash, err := real.Hash(t.Context(), "Zoe\u0308")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("got %q, %v, want 19 MiB, twice", hash, err)
	}
	if ok, err := quick.Check(t.Context(), hash, "Zoë"); !ok || err != nil {
		t.Errorf("got %t, %v, want it checked as it was made, in NFC", ok, err)
	}
}

// TestHasherVector checks a hash of the command argon2, of the reference implementation.
func TestHasherVector(t *testing.T) {
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := new(Hasher).Check(t.Context(), hash, "password"); !ok || err != nil {
		t.Errorf("got %t, %v, want it right", ok, err)
	}
}

func TestHasherBadHash(t *testing.T) {
	const salt, sum = "c29tZXNhbHRzb21lc2FsdA", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for hash, want := range map[string]string{
		"":       "not in the form",
		"secret": "not in the form",
		"$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + sum:                       "not in the form",
		"$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + sum:                      "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1,x=1$" + salt + "$" + sum:                  "not in the form",
		"$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + sum:                     "not in the form",
		"$argon2id$v=19$m=-1,t=1,p=1$" + salt + "$" + sum:                      "not in the form",
		"$argon2id$v=19$m=99999999999,t=1,p=1$" + salt + "$" + sum:             "not in the form",
		"$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + sum:                 "asks for more",
		"$argon2id$v=19$m=64,t=4000000000,p=1$" + salt + "$" + sum:             "asks for more",
		"$argon2id$v=19$m=64,t=1,p=200$" + salt + "$" + sum:                    "asks for more",
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + sum:                      "not in the form",
		"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + sum:                      "not in the form",
		"$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + sum:                       "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$$" + sum:                                  "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$":                            "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$AAAA":                        "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + sum + "=":                "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + sum + "$":                "not in the form",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 400): "not in the form",
	} {
		ok, err := new(Hasher).Check(t.Context(), hash, "password")
		wantError(t, hash, err, want)
		if ok || strings.Contains(err.Error(), sum) {
			t.Errorf("%q: got %t, %v, want no match, and nothing of the hash", hash, ok, err)
		}
	}
}

// TestHasherWaits has two hashes under way, a third that waits, and leaves.
func TestHasherWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Hasher{Cheap: true}
		if _, err := h.Hash(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		h.slots <- struct{}{}
		h.slots <- struct{}{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want it to wait until its context ends", err)
		}
		var turn sync.WaitGroup
		turn.Go(func() {
			if _, err := h.Hash(t.Context(), "x"); err != nil {
				t.Errorf("got %v, want a hash when it is its turn", err)
			}
		})
		synctest.Wait()
		<-h.slots
		turn.Wait()
		<-h.slots
		canceled, stop := context.WithCancelCause(t.Context())
		stop(errors.New("no use"))
		_, err := h.Hash(canceled, "x")
		wantError(t, "a context that has ended", err, "no use")
	})
}

func BenchmarkHash(b *testing.B) {
	h := new(Hasher)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
