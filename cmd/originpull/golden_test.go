package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/originpull/originpull-go/internal/cli"
)

// fixed responds with certificates that are the same in every run.
func fixed(t *testing.T) string {
	t.Helper()
	certificate := func(id, status, file, uploaded string) map[string]string {
		pem, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{
			"id": id, "status": status, "certificate": string(pem), "issuer": "CN=Private CA,O=Example Organisation", "signature": "ECDSA-SHA256",
			"serial_number": "271244950390844328520666882061734804119075357936", "uploaded_on": uploaded, "expires_on": "2100-01-01T05:20:00Z",
		}
	}
	first := certificate("fa633cc7-4afc-4875-8814-b321153fee13", "active", "plain.pem", "2026-10-28T18:11:23.37411Z")
	second := certificate("0d89c70d-ad9f-4843-b99f-6cc0252067e9", "pending_deployment", "wide.pem", "2026-11-28T18:11:23Z")
	results := map[string]any{
		"":                 []any{first, second},
		"/" + first["id"]:  first,
		"/" + second["id"]: second,
		"/settings":        map[string]bool{"enabled": true},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"success": true, "result": results[strings.TrimPrefix(r.URL.Path, "/zones/"+zone+"/origin_tls_client_auth")]})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestGolden: what commands print for a person with a wide terminal, with one of 80 and of
// 40 columns, and for a program. No line is longer than the terminal is wide.
func TestGolden(t *testing.T) {
	c := cloudflare{tokenFile: pemFile(t, "token", []byte("any"))}
	url := fixed(t)
	for _, golden := range []struct{ name, columns, command string }{
		{"list", "", "certificates list"},
		{"list-80", "80", "certificates list"},
		{"list-40", "40", "certificates list"},
		{"list-wide", "", "certificates list -o wide"},
		{"list-wide-80", "80", "certificates list -o wide"},
		{"list-json", "", "certificates list -o json"},
		{"list-jsonl-40", "40", "certificates list -o jsonl"},
		{"list-columns-40", "40", "certificates list -o columns=subject,status -o noheader"},
		{"show-80", "80", "certificates show fa633cc7-4afc-4875-8814-b321153fee13 -o wide"},
		{"show-40", "40", "certificates show 0d89c70d-ad9f-4843-b99f-6cc0252067e9 -o wide"},
		{"show-noheader", "", "certificates show 0d89c70d-ad9f-4843-b99f-6cc0252067e9 -o noheader"},
		{"settings-40", "40", "settings get"},
	} {
		t.Setenv("COLUMNS", golden.columns)
		args := append(strings.Fields(golden.command), "--zone", zone, "--base-url", url, "--token-file", c.tokenFile)
		got := command(t.Context(), strings.NewReader(""), args...)
		if got.code != cli.Done {
			t.Fatalf("originpull %s exits with %d: %s", golden.command, got.code, got.stderr)
		}
		file := filepath.Join("testdata", golden.name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got.stdout), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got.stdout != string(want) {
			t.Errorf("originpull %s prints with %q columns\n%s\nwant (%v)\n%s", golden.command, golden.columns, got.stdout, err, want)
		}
		for line := range strings.Lines(got.stdout) {
			most := map[string]int{"": 1000, "80": 80, "40": 40}[golden.columns]
			if width := text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")); width > most && !strings.Contains(golden.command, "json") {
				t.Errorf("originpull %s prints a line of %d columns: %s", golden.command, width, line)
			}
		}
	}
}
