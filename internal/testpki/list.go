package testpki

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"os"
	"sync"
)

// ListEnv is the environment variable that names a file, to which every process
// appends the secrets that it makes, a line each in hexadecimal: make secrets then
// searches for parts of them.
const ListEnv = "ORIGINPULL_TEST_SECRETS"

// Listed lists a token, and returns it.
func Listed(token string) string {
	list([]byte(token))
	return token
}

// ListedKey lists what is private of a key, and returns the key. The public part
// stands in the certificate too, and is none.
func ListedKey[K crypto.PrivateKey](key K) K {
	for _, part := range private(key) {
		list(part)
	}
	return key
}

// private returns what is private of a key: the scalar, the seed, or the exponent and
// the primes.
func private(key crypto.PrivateKey) [][]byte {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		if scalar, err := key.Bytes(); err == nil {
			return [][]byte{scalar}
		}
	case *ecdh.PrivateKey:
		return [][]byte{key.Bytes()}
	case ed25519.PrivateKey:
		return [][]byte{key.Seed()}
	case *rsa.PrivateKey:
		parts := [][]byte{key.D.Bytes()}
		for _, prime := range key.Primes {
			parts = append(parts, prime.Bytes())
		}
		return parts
	}
	panic(fmt.Sprintf("testpki: nothing is known of a %T", key)) // a mistake in the test
}

// listFile is the file of [ListEnv], nil if there is none.
var listFile = sync.OnceValue(func() *os.File {
	name := os.Getenv(ListEnv)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(fmt.Sprintf("testpki: %s: %v", ListEnv, err)) // what is not listed would not be searched for
	}
	return file
})

func list(secret []byte) {
	if file := listFile(); file != nil {
		if _, err := file.WriteString(hex.EncodeToString(secret) + "\n"); err != nil {
			panic(fmt.Sprintf("testpki: %s: %v", ListEnv, err))
		}
	}
}

// RSA returns a new listed RSA key.
func RSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err) // the tests ask for sizes that there are
	}
	return ListedKey(key)
}

// Ed25519 returns a new listed Ed25519 key.
func Ed25519() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // the system's randomness does not fail
	}
	return ListedKey(key)
}

// EC returns a new listed key on a curve, without the mark that [Key] has.
func EC(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return ListedKey(key)
}
