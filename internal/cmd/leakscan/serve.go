package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// serve runs the simulator as a program with a marked token, has it take a marked
// key, ends it, and returns what it has printed.
func serve(ctx context.Context) (output, error) {
	dir, err := os.MkdirTemp("", "leakscan")
	if err != nil {
		return output{}, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "originpull")
	if text, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/originpull").CombinedOutput(); err != nil {
		return output{}, fmt.Errorf("build: %w: %s", err, text)
	}
	token := testpki.Token()
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "serve", "--debug", "--addr", "127.0.0.1:0", "--token", token)
	cmd.Stderr = &printed
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return output{}, err
	}
	if err := cmd.Start(); err != nil {
		return output{}, err
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		err = upload(ctx, strings.TrimSpace(url), token)
	}
	cmd.Process.Signal(os.Interrupt)
	if ended := cmd.Wait(); err == nil {
		err = ended
	}
	if err != nil {
		return output{}, fmt.Errorf("originpull serve: %w", err)
	}
	return output{"originpull serve --debug", append(printed.Bytes(), url...)}, nil
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
