package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// LongestPassword is how many bytes a password has at most.
const LongestPassword = 1024

// ErrPassword is what no password can be: empty, or longer than LongestPassword.
var ErrPassword = fmt.Errorf("a password has 1 to %d bytes", LongestPassword)

// A Hasher hashes passwords by argon2id, at most two at once, since each takes 19 MiB.
// The zero value is ready; it may be used at once. It is not to be copied.
type Hasher struct {
	// Cheap is for tests: hashes that take no time, and protect nothing.
	Cheap bool

	begin sync.Once
	slots chan struct{} // has an element for each hash that is under way
}

// hashesAtOnce is how many hashes a Hasher makes at once.
const hashesAtOnce = 2

// params are what a hash says of how it was made.
type params struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

var (
	usual = params{memory: 19 << 10, time: 2, threads: 1}
	cheap = params{memory: 64, time: 1, threads: 1}
	// What a stored hash may ask for at most: it may come from a registry that others write to as well.
	most = params{memory: 64 << 10, time: 8, threads: 4}
)

const (
	saltSize = 16
	hashSize = 32
)

// Hash returns a hash of password in the usual form, $argon2id$v=19$m=…, with a salt of its
// own. It waits for its turn until ctx ends. A password that cannot be one is ErrPassword. It is
// brought to NFC first, since keyboards differ in how they write one letter.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if password == "" || len(password) > LongestPassword {
		return "", ErrPassword
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	p := usual
	if h.Cheap {
		p = cheap
	}
	sum, err := h.sum(ctx, p, password, salt, hashSize)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// Check reports whether hash is of password, in a time that does not depend on how they differ. It
// waits for its turn until ctx ends. A hash in another form, or that asks for more than 64 MiB, 8 rounds or
// 4 threads, is an error.
func (h *Hasher) Check(ctx context.Context, hash, password string) (bool, error) {
	p, salt, want, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	if password == "" || len(password) > LongestPassword {
		return false, nil
	}
	got, err := h.sum(ctx, p, password, salt, len(want))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// sum computes a hash when it is its turn.
func (h *Hasher) sum(ctx context.Context, p params, password string, salt []byte, size int) ([]byte, error) {
	h.begin.Do(func() { h.slots = make(chan struct{}, hashesAtOnce) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.time, p.memory, p.threads, uint32(size)), nil
}

var errHash = errors.New("the stored hash of the password is not in the form of argon2id: set a new password with justchat users passwd")

// parseHash reads a hash in the usual form. Its errors do not show it.
func parseHash(hash string) (p params, salt, sum []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(hash) > 512 || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return params{}, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil ||
		parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.memory, p.time, p.threads) {
		return params{}, nil, nil, errHash
	}
	if p.memory > most.memory || p.time > most.time || p.threads > most.threads {
		return params{}, nil, nil, fmt.Errorf("the stored hash of the password asks for more than is given: %s", parts[3])
	}
	if p.time < 1 || p.threads < 1 || p.memory < 8*uint32(p.threads) {
		return params{}, nil, nil, errHash
	}
	strict := base64.RawStdEncoding.Strict()
	salt, saltErr := strict.DecodeString(parts[4])
	sum, sumErr := strict.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(salt) < 8 || len(salt) > 64 || len(sum) < 16 || len(sum) > 64 {
		return params{}, nil, nil, errHash
	}
	return p, salt, sum, nil
}
