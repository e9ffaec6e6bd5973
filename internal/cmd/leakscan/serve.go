package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// serve runs the simulator as a program with a marked token, uploads a marked key to
// it, ends it, and returns what it printed.
func serve(ctx context.Context, program string) output {
	o := output{of: "originpull serve --debug"}
	token := testpki.Token()
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "serve", "--debug", "--addr", "127.0.0.1:0", "--token", token)
	cmd.Stderr = &printed
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		o.err = err
		return o
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		err = upload(ctx, strings.TrimSpace(url), token)
	}
	cmd.Process.Signal(os.Interrupt)
	o.err = errors.Join(err, cmd.Wait())
	o.text = append(printed.Bytes(), url...)
	return o
}

func upload(ctx context.Context, url, token string) error {
	client, err := originpull.New(originpull.WithToken(token), originpull.WithBaseURL(url))
	if err != nil {
		return err
	}
	zone, err := client.Zone("023e105f4ecef8ad9ca31a8372d0c353")
	if err != nil {
		return err
	}
	leaf := testpki.Leaf("leakscan", nil)
	pair, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
	if err != nil {
		return err
	}
	_, err = zone.Certificates.Upload(ctx, pair)
	return err
}
