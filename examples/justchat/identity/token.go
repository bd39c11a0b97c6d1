package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// A token, big-endian:
//
//	version 1 | first 8 bytes of the authority's fingerprint | length of the user's name, 1 byte | name |
//	key, 32 bytes | granted, expires: milliseconds since 1970, 8 bytes each | signature, 64 bytes
//
// The signature is by the authority's key, over tokenPurpose and all before it. Certificates, which the same key
// signs, begin with 0x30, so nothing is both.
const (
	tokenVersion = 1
	tokenPurpose = "justchat token v1\n"
	hintSize     = 8
	tokenHead    = 1 + hintSize + 1
	tokenTail    = ed25519.PublicKeySize + 8 + 8 + ed25519.SignatureSize
	longestUser  = 255
)

// Claims are what a token says.
type Claims struct {
	User    string
	Key     ed25519.PublicKey
	Granted time.Time
	Expires time.Time
}

// appendClaims appends a token without its signature.
func appendClaims(buf []byte, cluster [sha256.Size]byte, claims Claims) []byte {
	buf = append(buf, tokenVersion)
	buf = append(buf, cluster[:hintSize]...)
	buf = append(buf, byte(min(len(claims.User), longestUser)))
	buf = append(buf, claims.User...)
	buf = append(buf, claims.Key...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(claims.Granted.UnixMilli()))
	return binary.BigEndian.AppendUint64(buf, uint64(claims.Expires.UnixMilli()))
}

// tokenBytes returns what is signed of a token that is so far.
func tokenBytes(token []byte) []byte { return append([]byte(tokenPurpose), token...) }

// parseToken returns what a token says, before its signature is looked at. Nothing in
// claims shares memory with the token.
func parseToken(token []byte) (claims Claims, hint []byte, ok bool) {
	if len(token) < tokenHead || token[0] != tokenVersion {
		return Claims{}, nil, false
	}
	length := int(token[tokenHead-1])
	if len(token) != tokenHead+length+tokenTail {
		return Claims{}, nil, false
	}
	rest := token[tokenHead:]
	claims.User, rest = string(rest[:length]), rest[length:]
	claims.Key, rest = ed25519.PublicKey(bytes.Clone(rest[:ed25519.PublicKeySize])), rest[ed25519.PublicKeySize:]
	claims.Granted = time.UnixMilli(int64(binary.BigEndian.Uint64(rest))).UTC()
	claims.Expires = time.UnixMilli(int64(binary.BigEndian.Uint64(rest[8:]))).UTC()
	return claims, token[1 : 1+hintSize], true
}

// CheckToken returns what a token says. The error is a *justchat.BadToken: it is forged, or
// has expired more than leeway ago, or is of the future by more than leeway.
func (a *Authority) CheckToken(token []byte, now time.Time, leeway time.Duration) (Claims, error) {
	claims, err := a.accepted.Load().claims(token)
	if err != nil {
		return Claims{}, err
	}
	switch {
	case claims.Granted.After(now.Add(leeway)):
		err = badToken("it is of the future, by %v: compare the clocks of the nodes", claims.Granted.Sub(now).Round(time.Second))
	case now.After(claims.Expires.Add(leeway)):
		err = badToken("it expired %v ago", now.Sub(claims.Expires).Round(time.Second))
	}
	if err != nil {
		return Claims{}, err
	}
	return claims, nil
}

// claims returns what a token says that one of the keys has signed, at whatever time.
func (r *keyring) claims(token []byte) (Claims, error) {
	var buf [512]byte
	sum := sha256.Sum256(append(append(buf[:0], r.id[:]...), token...))
	if claims, ok := goodTokens.get(sum); ok {
		return claims, nil
	}
	if len(token) == 0 {
		return Claims{}, badToken("it is empty")
	}
	claims, hint, ok := parseToken(token)
	if !ok {
		return Claims{}, badToken("it is malformed")
	}
	known, signed := false, token[:len(token)-ed25519.SignatureSize]
	for _, key := range r.keys {
		if string(key.fingerprint[:hintSize]) != string(hint) {
			continue
		}
		if known = true; ed25519.Verify(key.public, tokenBytes(signed), token[len(signed):]) {
			goodTokens.put(sum, claims)
			return claims, nil
		}
	}
	if !known {
		return Claims{}, badToken("it is of another cluster")
	}
	return Claims{}, badToken("it is not signed by the cluster")
}

func badToken(format string, args ...any) *justchat.BadToken {
	return &justchat.BadToken{Reason: fmt.Sprintf(format, args...)}
}
