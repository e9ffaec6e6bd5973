package rotation_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/originpull/originpull-go/examples/temporal"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// recorder keeps all that the engine would keep.
type recorder struct {
	converter.DataConverter
	mu       sync.Mutex
	payloads [][]byte
}

func (r *recorder) keep(payloads ...*commonpb.Payload) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range payloads {
		r.payloads = append(r.payloads, p.GetData())
	}
}

func (r *recorder) ToPayload(value any) (*commonpb.Payload, error) {
	p, err := r.DataConverter.ToPayload(value)
	r.keep(p)
	return p, err
}

func (r *recorder) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	p, err := r.DataConverter.ToPayloads(values...)
	r.keep(p.GetPayloads()...)
	return p, err
}

// write writes a new key pair to files, and returns their names and what must not leave the
// worker: windows of the key, as bytes and as text.
func write(t *testing.T, dir, name string) (certFile, keyFile string, secrets [][]byte) {
	t.Helper()
	certPEM, keyPEM := originpulltest.KeyPair(t, originpulltest.Valid(time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0)))
	certFile, keyFile = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	if err := errors.Join(os.WriteFile(certFile, certPEM, 0o600), os.WriteFile(keyFile, keyPEM, 0o600)); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(keyPEM)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := key.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(block.Bytes)[48:88]
	for i := 0; i+12 <= len(scalar); i++ {
		secrets = append(secrets, scalar[i:i+12])
	}
	for i := 0; i+12 <= len(text); i++ {
		secrets = append(secrets, []byte(text[i:i+12]))
	}
	return certFile, keyFile, secrets
}

func TestRotate(t *testing.T) {
	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	oldCert, oldKey, _ := write(t, dir, "old")
	certFile, keyFile, secrets := write(t, dir, "new")
	kept := &recorder{DataConverter: converter.GetDefaultDataConverter()}
	var failures int
	run := func(request rotation.Request) (outcome rotation.Outcome, err error) {
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestWorkflowEnvironment()
		env.SetDataConverter(kept)
		env.RegisterActivity(&rotation.Activities{
			Client: client,
			Load: func(certFile, keyFile string) (originpull.KeyPair, error) {
				if failures++; failures == 1 {
					return originpull.KeyPair{}, errors.New("the secret store is down")
				}
				return originpull.LoadKeyPair(certFile, keyFile)
			},
			Options: []rotate.Option{rotate.WithPause(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })},
		})
		env.ExecuteWorkflow(rotation.Rotate, request)
		if err := env.GetWorkflowError(); err != nil {
			return outcome, err
		}
		return outcome, env.GetWorkflowResult(&outcome)
	}

	if outcome, err := run(rotation.Request{ZoneID: sim.ZoneID(), CertFile: oldCert, KeyFile: oldKey}); err != nil || outcome.CertificateID == "" {
		t.Fatalf("the first certificate: %+v, %v; want it live, though the first activity failed", outcome, err)
	}
	outcome, err := run(rotation.Request{ZoneID: sim.ZoneID(), CertFile: certFile, KeyFile: keyFile})
	if err != nil || len(outcome.Superseded) != 1 {
		t.Errorf("the new certificate: %+v, %v; want one superseded", outcome, err)
	}
	if p := sim.Presented(sim.ZoneID()); p.CertificateID != outcome.CertificateID {
		t.Errorf("presented is %s, want %s", p, outcome.CertificateID)
	}
	if _, err := run(rotation.Request{ZoneID: sim.ZoneID(), CertFile: filepath.Join(dir, "missing.pem"), KeyFile: keyFile}); err == nil {
		t.Error("a missing file: the workflow has succeeded")
	}
	var app *temporal.ApplicationError
	if _, err := run(rotation.Request{ZoneID: "x", CertFile: certFile, KeyFile: keyFile}); !errors.As(err, &app) || !app.NonRetryable() {
		t.Errorf("a malformed zone id: the error is %v, want one that is not retried", err)
	}

	for _, payload := range kept.payloads {
		for _, secret := range secrets {
			if bytes.Contains(payload, secret) {
				t.Fatalf("a payload of %d bytes that the engine keeps holds a part of the private key", len(payload))
			}
		}
	}
	if len(kept.payloads) < 4 {
		t.Errorf("only %d payloads were recorded", len(kept.payloads))
	}
}

// TestOptionsAreShared runs an activity whose options have room for another one: all workflows of
// the worker share them.
func TestOptionsAreShared(t *testing.T) {
	sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	client, err := originpull.New(originpull.WithToken(sim.Token()), originpull.WithTransport(sim.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile, _ := write(t, t.TempDir(), "new")
	options := make([]rotate.Option, 1, 2)
	options[0] = rotate.WithPause(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	activities := &rotation.Activities{Client: client, Options: options, Load: func(certFile, keyFile string) (originpull.KeyPair, error) {
		return originpull.LoadKeyPair(certFile, keyFile)
	}}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(activities)
	if _, err := env.ExecuteActivity(activities.Reconcile, rotation.Request{ZoneID: sim.ZoneID(), CertFile: certFile, KeyFile: keyFile}); err != nil {
		t.Fatal(err)
	}
	if options[:2][1] != nil {
		t.Error("the activity has written into the options of all activities")
	}
}
