package main

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
)

// certifies are the commands for certificates in files, in this order in one folder, with
// their exit statuses. The keys that they make are real ones, without the mark of tests.
var certifies = []struct {
	args string
	code int
}{
	{"create", 0},
	{"create", 2},
	{"create --out rsa --key-type rsa-2048 -o json", 0},
	{"create --out next --ca ca.pem --ca-key ca.key -o wide", 0},
	{"create --out none --ca ca.key --ca-key ca.key", 2},
	{"inspect client.pem client.key ca.pem ca.key -o wide", 0},
	{"inspect client.pem next/client.key -o jsonl", 1},
	{"inspect rsa/client.key", 1},
	{"inspect broken.key", 2},
	{"diff client.pem client.pem -o json", 0},
	{"diff client.pem next/client.pem", 1},
	{"diff client.pem client.key", 2},
}

// certify runs the commands for certificates as a program, at debug level, and returns what
// they printed. It lists the keys that they made.
func certify(ctx context.Context, program string) output {
	o := output{of: "originpull's commands for certificates"}
	dir, err := os.MkdirTemp(filepath.Dir(program), "certify")
	for _, folder := range []string{"rsa", "next", "none"} {
		if err == nil {
			err = os.Mkdir(filepath.Join(dir, folder), 0o700)
		}
	}
	if err == nil {
		key := testpki.Leaf("leakscan, broken", nil).KeyPEM()
		err = os.WriteFile(filepath.Join(dir, "broken.key"), key[:len(key)/2], 0o600)
	}
	if err != nil {
		o.err = err
		return o
	}
	for _, one := range certifies {
		printed, err := runIn(ctx, dir, program, strings.Fields("cert "+one.args+" --debug"), one.code)
		o.text, o.err = append(o.text, printed...), errors.Join(o.err, err)
	}
	for _, pair := range []string{"ca", "client", "rsa/ca", "rsa/client", "next/client"} {
		made, err := tls.LoadX509KeyPair(filepath.Join(dir, pair+".pem"), filepath.Join(dir, pair+".key"))
		if err == nil {
			testpki.ListedKey(made.PrivateKey)
		}
		o.err = errors.Join(o.err, err)
	}
	return o
}
