package main

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// deployed returns the command lines of deploy/, without the program.
func deployed(t *testing.T) map[string][]string {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	unit := strings.ReplaceAll(string(read("systemd/originpull-rotate@.service")), "\\\n", " ")
	start := regexp.MustCompile(`(?m)^ExecStart=\S+ (.*)$`).FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("the service starts nothing")
	}
	var job struct {
		Spec struct {
			JobTemplate struct {
				Spec struct {
					Template struct {
						Spec struct{ Containers []struct{ Args []string } }
					}
				}
			} `yaml:"jobTemplate"`
		}
	}
	if err := yaml.Unmarshal(read("kubernetes/cronjob.yaml"), &job); err != nil {
		t.Fatal(err)
	}
	return map[string][]string{
		"the service": strings.Fields(start[1]),
		"the CronJob": job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args,
	}
}

// TestDeploy: what the service and the CronJob run makes the certificate the live one, and
// then has nothing to do.
func TestDeploy(t *testing.T) {
	t.Parallel()
	for name, args := range deployed(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if cmd, _, err := newRoot().Find(args); err != nil || cmd.Name() != args[0] {
				t.Skipf("there is no originpull %s here", args[0])
			}
			c := newCloudflare(t, originpulltest.Options{DeployDelay: -1})
			leaf := testpki.Leaf("client", func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 3, 0) })
			dir := t.TempDir()
			for name, data := range map[string][]byte{"client.pem": leaf.CertPEM(), "client.key": leaf.KeyPEM(), "tls.crt": leaf.CertPEM(), "tls.key": leaf.KeyPEM(), "token": []byte(c.Token())} {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			line := strings.NewReplacer("${CREDENTIALS_DIRECTORY}", dir, "%i", zoneTestName, "/run/originpull/certificate", dir, "/run/originpull/token", dir).Replace(strings.Join(args, "\n"))
			for _, run := range []string{"first", "second"} {
				got := command(t.Context(), strings.NewReader(""), append(strings.Split(line, "\n"), "--base-url", c.URL())...)
				if got.code != cli.Done || len(c.Certificates(zone)) != 1 || !c.Enabled(zone) {
					t.Fatalf("the %s run exits with %d: %s", run, got.code, got.stderr)
				}
			}
			uploads := 0
			for _, operation := range c.requests() {
				if operation == "UploadCertificate" {
					uploads++
				}
			}
			if uploads != 1 {
				t.Errorf("two runs upload %d times", uploads)
			}
		})
	}
}
