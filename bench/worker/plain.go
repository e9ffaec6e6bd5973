//go:build plain

package worker

import (
	"context"
	"fmt"
	"net/http"
	"os"
)

// Main makes one call: PROGRAM BASE-URL ZONE OPERATION [ID | CERTIFICATE KEY]; the
// latter two are PEM files.
func Main(newClient New) {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "want BASE-URL ZONE OPERATION and what it needs")
		os.Exit(2)
	}
	args := append(os.Args[1:], "", "")
	config := Config{BaseURL: args[0], ZoneID: args[1], Token: "not-a-secret", Transport: http.DefaultTransport}
	var err error
	if args[2] == "upload" {
		config.Certificate, config.Key, err = readKeyPair(args[3], args[4])
	}
	var client Client
	if err == nil {
		client, err = newClient(config)
	}
	if err == nil {
		err = call(context.Background(), client, args[2], args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(ctx context.Context, client Client, operation, id string) (err error) {
	var result any
	switch operation {
	case "list":
		result, err = client.List(ctx)
	case "get":
		result, err = client.Get(ctx, id)
	case "upload":
		result, err = client.Upload(ctx)
	case "delete":
		result, err = client.Delete(ctx, id)
	case "settings":
		result, err = client.Settings(ctx)
	case "enable":
		result, err = client.Enable(ctx)
	default:
		return fmt.Errorf("no operation %q", operation)
	}
	fmt.Println(result)
	return err
}

func readFiles(certificateFile, keyFile string) (certificate, key string, err error) {
	first, err := os.ReadFile(certificateFile)
	if err != nil {
		return "", "", err
	}
	second, err := os.ReadFile(keyFile)
	return string(first), string(second), err
}
