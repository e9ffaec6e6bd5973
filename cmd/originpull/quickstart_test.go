package main

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testorigin"
	"github.com/originpull/originpull-go/internal/testpki"
)

// TestQuickstart follows docs/quickstart.md: it types the commands of the console blocks into
// a shell, and compares what they print with the page. With -update it writes the page again.
func TestQuickstart(t *testing.T) {
	if testing.Short() {
		t.Skip("starts nginx and runs some thirty commands")
	}
	t.Parallel()
	testorigin.Nginx().Need(t)
	for _, program := range []string{"sh", "sed", "openssl", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT TESTED: docs/quickstart.md needs %s: %v", program, err)
		}
	}
	file := filepath.Join("..", "..", "docs", "quickstart.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ports := []string{"8443", freePort(t), "8787", freePort(t)}
	here, back := strings.NewReplacer(ports...), strings.NewReplacer(ports[1], ports[0], ports[3], ports[2])
	shell, commands := newShell(t), 0
	written := console.ReplaceAllStringFunc(string(page), func(block string) string {
		var lines []string
		for _, c := range commandsOf(block) {
			commands++
			printed := back.Replace(shell.expect(here.Replace(c.text), here.Replace(c.output)))
			if !*update && words(printed) != words(c.output) {
				t.Fatalf("a reader of docs/quickstart.md who types\n%s\nsees\n%s\nand the page says\n%s", c.text, printed, c.output)
			}
			lines = append(lines, c.text+"\n"+printed)
		}
		return "```console\n" + strings.Join(lines, "") + "```\n"
	})
	if commands < 25 {
		t.Errorf("docs/quickstart.md has %d commands: does the test still know how it is written?", commands)
	}
	if *update {
		if err := os.WriteFile(file, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var console = regexp.MustCompile("(?ms)^```console\n.*?^```\n")

// typed is a command of a page, and what the page says that it prints.
type typed struct{ text, output string }

// commandsOf returns the commands of a console block. A command begins with $, and goes on
// in the next line after a backslash.
func commandsOf(block string) []typed {
	var commands []typed
	continued := false
	lines := strings.Split(block, "\n")
	for _, line := range lines[1 : len(lines)-2] {
		switch last := len(commands) - 1; {
		case strings.HasPrefix(line, "$ "):
			commands = append(commands, typed{text: line})
		case continued:
			commands[last].text += "\n" + line
		default:
			commands[last].output += line + "\n"
		}
		continued = strings.HasSuffix(line, `\`)
	}
	return commands
}

// changing is what is different each time: ids, fingerprints, times.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{64}\b|\b[0-9a-f]{8}\b|\d{4}-\d\d-\d\d(T[\d:]+Z)?|\d\d:\d\d:\d\d`)

// words returns a text without what is different each time, and without its line breaks.
func words(text string) string {
	return strings.Join(strings.Fields(changing.ReplaceAllString(text, "…")), " ")
}

// shell is a shell in an empty folder, in which originpull is this program.
type shell struct {
	t     *testing.T
	stdin io.Writer
	out   *bufio.Reader
}

func newShell(t *testing.T) shell {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	program := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", runMain, os.Args[0])
	if err := os.WriteFile(filepath.Join(bin, "originpull"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "COLUMNS=100")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		io.Copy(io.Discard, stdout)
		cmd.Wait()
		listKeys(t, dir)
	})
	// What the page starts ends with the shell, also if a command in between fails.
	io.WriteString(stdin, `trap 'kill $! 2>/dev/null; test ! -f nginx.pid || kill $(cat nginx.pid)' EXIT`+"\n")
	return shell{t, stdin, bufio.NewReader(stdout)}
}

// expect types a command, and returns what it prints. nginx takes a moment to reload, and a
// simulator to start: until a check or curl prints what is wanted, and as long as no one
// listens, the command is typed again, for some seconds. So is a rotation that the origin
// refuses, which changes nothing: after a check another worker of nginx may still have the
// configuration from before.
func (s shell) expect(command, want string) string {
	const refused = "not proven: "
	asks := command == "$ check" || strings.HasPrefix(command, "$ curl ")
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		printed := s.run(strings.TrimPrefix(command, "$ "))
		early := asks && words(printed) != words(want) || strings.Contains(printed, "connection refused") ||
			strings.Contains(printed, refused) && !strings.Contains(want, refused)
		if !early || time.Since(began) > 10*time.Second {
			return printed
		}
	}
}

func (s shell) run(command string) string {
	s.t.Helper()
	const end = "\036" // no command prints it
	// The status stays what it was, for a reader who asks for it.
	fmt.Fprintf(s.stdin, "%s\nstatus=$?; printf '\\036'; (exit $status)\n", command)
	printed, err := s.out.ReadString(end[0])
	if err != nil {
		s.t.Fatalf("the shell ends in %q: %v\n%s", command, err, printed)
	}
	return strings.TrimSuffix(printed, end)
}

// listKeys lists the keys that the commands have made, for the search for secrets.
func listKeys(t *testing.T, dir string) {
	for _, pattern := range []string{"*.key", "*/*.key"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			block, _ := pem.Decode(text)
			if block == nil {
				t.Fatalf("%s has no key in PEM", file)
			}
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			testpki.ListedKey(key)
		}
	}
}

// freePort returns a port with four digits, as those of the page have, so that tables are as
// wide.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := fmt.Sprint(2000 + rand.IntN(8000))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
