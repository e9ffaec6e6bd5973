package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// operates are the commands for the live API, in this order on one zone, with their exit
// statuses. ID stands for the id of the zone's newest certificate. The last ones hand a
// key where it does not belong.
var operates = []struct {
	args string
	code int
}{
	{"certificates list", 0},
	{"certificates upload --cert client.pem --key client.key --wait -o json", 0},
	{"certificates upload --cert client.pem --key client.key", 1},
	{"certificates list -o wide", 0},
	{"certificates show ID -o jsonl", 0},
	{"settings enable", 0},
	{"settings get --zone example.com", 0},
	{"watch --once --cert client.pem --textfile watch.prom", 1}, // it expires within a month
	{"watch --once -o json --zone example.net", 3},
	{"watch --once -o wide --token-file other-token", 4},
	{"watch --once --cert client.key", 2},
	{"watch --once --desired client.key", 2},
	{"settings get --zone example.net", 1},
	{"certificates delete ID", 2},
	{"certificates delete ID --yes --wait", 0},
	{"rotate --cert client.pem --key client.key --dry-run", 0},
	{"rotate --cert client.pem --key client.key --disable --exec env --zone example.com --zone-settings -o json", 0},
	{"rotate --cert client.pem --key client.key --zones zones --report report --resume report", 0},
	{"rotate --pairs pairs --dry-run", 0},
	{"rotate --cert client.pem --key client.key --disable --origin 127.0.0.1:1 --old-cert client.pem --old-key client.key", 1},
	{"rotate --cert client.pem --key client.key --token-file other-token", 4},
	{"rotate --cert client.pem --key client.key --zones client.key", 2},
	{"rotate --cert client.pem --key client.key --zones token", 2},
	{"rotate --cert client.pem --key client.key --zones zones --resume client.key", 2},
	{"rotate --cert client.pem --key client.key --zones zones --report client.key", 2},
	{"settings disable --token-file other-token", 4},
	{"settings get --token-file client.key", 2},
	{"certificates upload --cert client.key --key client.pem", 2},
	{"certificates upload --cert client.pem --key token", 2},
}

// operate runs the commands for the live API as a program, at debug level, against a
// simulator, and returns what they printed.
func operate(ctx context.Context, program string) output {
	o := output{of: "originpull's commands for the live API"}
	simulator := originpulltest.New(originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	defer simulator.Close()
	dir, err := os.MkdirTemp(filepath.Dir(program), "operate")
	leaf := testpki.Leaf("leakscan, operator", nil)
	for name, content := range map[string]string{
		"client.pem": string(leaf.CertPEM()), "client.key": string(leaf.KeyPEM()),
		"token": simulator.Token() + "\n", "other-token": testpki.Token(), "zones": zone + "\n",
		"pairs/example.com.pem": string(leaf.CertPEM()), "pairs/example.com.key": string(leaf.KeyPEM()),
	} {
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)
		}
	}
	if err == nil {
		err = simulator.SetZoneName(zone, "example.com")
	}
	if err != nil {
		o.err = err
		return o
	}
	id := ""
	for _, one := range operates {
		args := strings.ReplaceAll(one.args, "ID", id) + " --debug --base-url " + simulator.URL()
		if !strings.Contains(args, "--zone") && !strings.Contains(args, "--pairs") {
			args += " --zone " + zone
		}
		if !strings.Contains(args, "--token-file") {
			args += " --token-file token"
		}
		printed, err := runIn(ctx, dir, program, strings.Fields(args), one.code)
		o.text, o.err = append(o.text, printed...), errors.Join(o.err, err)
		if all := simulator.Certificates(zone); len(all) > 0 {
			id = all[len(all)-1].ID
		}
	}
	report, err := os.ReadFile(filepath.Join(dir, "report"))
	o.text, o.err = append(o.text, report...), errors.Join(o.err, err)
	return o
}

// runIn runs a program in a folder, and returns what it printed, and an error unless it
// exits with a status. The environment has a token too, which no command of --exec gets, and
// little else: what this machine keeps in its own is not to be printed.
func runIn(ctx context.Context, dir, program string, args []string, want int) ([]byte, error) {
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "CLOUDFLARE_API_TOKEN=" + testpki.Token()}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &printed, &printed
	err := cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != want {
		return printed.Bytes(), fmt.Errorf("originpull %q exits with %d, want %d: %v", args, got, want, err)
	}
	return printed.Bytes(), nil
}
