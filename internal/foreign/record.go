package foreign

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	contract "github.com/originpull/originpull-go/contract_test"
)

// Record has what a client sends to the simulator recorded, named for the client,
// where RECORDINGS names the folder for recordings (make contract-recordings).
func Record(tb testing.TB, client *http.Client, file, name string) *http.Client {
	tb.Helper()
	dir := os.Getenv("RECORDINGS")
	if dir == "" {
		return client
	}
	recorder, err := contract.NewRecorder(client.Transport, "")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		recording := recorder.Recording(name)
		recording.Provider = "the simulator"
		if err := recording.Write(filepath.Join(dir, file)); err != nil {
			tb.Error(err)
		}
	})
	return &http.Client{Transport: recorder}
}
