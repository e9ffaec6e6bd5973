// Package operator has what the commands for the live API have in common: the client and
// the zone that their flags name, tables and JSON, questions, and errors that say what to
// do next.
package operator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

// API are the flags that say how a command reaches the API.
type API struct {
	Logger func(*cobra.Command) *slog.Logger // of --debug

	tokenFile, baseURL string
}

// AddFlags adds --token-file and --base-url to a command and those below it.
func (a *API) AddFlags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVar(&a.tokenFile, "token-file", "", "a `file` with the API token, - for standard input (default the environment, see below)")
	flags.StringVar(&a.baseURL, "base-url", "", "the `URL` of the API (default CLOUDFLARE_BASE_URL, else "+originpull.DefaultBaseURL+")")
	cmd.MarkPersistentFlagFilename("token-file")
	cmd.RegisterFlagCompletionFunc("base-url", cobra.NoFileCompletions)
}

// Environment is the part of a help text that says where credentials come from.
const Environment = `Credentials come from --token-file, or from CLOUDFLARE_API_TOKEN, or from
CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY.`

// BaseURL returns the URL of the API.
func (a *API) BaseURL() string {
	return cmp.Or(a.baseURL, os.Getenv("CLOUDFLARE_BASE_URL"), originpull.DefaultBaseURL)
}

// Client returns a client of the API for a command, with its credentials.
func (a *API) Client(cmd *cobra.Command) (*originpull.Client, error) {
	options := []originpull.Option{
		originpull.WithUserAgent("originpull-command/" + originpull.Version),
		originpull.WithLogger(a.Logger(cmd)),
	}
	options = append(options, originpull.WithBaseURL(a.BaseURL()))
	var client *originpull.Client
	var err error
	switch {
	case cmd.Flags().Changed("token-file"):
		var token string
		if token, err = a.readToken(cmd); err != nil {
			return nil, err
		}
		client, err = originpull.New(append(options, originpull.WithToken(token))...)
	case os.Getenv("CLOUDFLARE_API_TOKEN") == "" && os.Getenv("CLOUDFLARE_EMAIL") == "" && os.Getenv("CLOUDFLARE_API_KEY") == "":
		return nil, &cli.Problem{
			What: "no credentials for the API", Why: errors.New("there is no --token-file, and CLOUDFLARE_API_TOKEN is not set"),
			Next: "set CLOUDFLARE_API_TOKEN, or give --token-file FILE, or --token-file - and the token on standard input", Code: cli.Error,
		}
	default:
		client, err = originpull.FromEnv(options...)
	}
	if err != nil {
		return nil, &cli.Problem{What: "the API cannot be called", Why: err, Next: "correct the environment (CLOUDFLARE_…), --base-url or --token-file", Code: cli.Error}
	}
	return client, nil
}

const maxToken = 4096

// readToken reads the token of --token-file. Spaces and line breaks around it are removed.
func (a *API) readToken(cmd *cobra.Command) (string, error) {
	var data []byte
	var err error
	name := a.tokenFile
	in := cmd.InOrStdin()
	switch {
	case name == "":
		err = errors.New("--token-file is empty")
	case name != "-":
		data, err = ReadFile(name, maxToken)
	case IsTerminal(in):
		name = "standard input"
		fmt.Fprint(cmd.ErrOrStderr(), "API token (it is not shown): ")
		data, err = term.ReadPassword(int(in.(*os.File).Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
	default:
		name = "standard input"
		data, err = readAll(in, maxToken)
	}
	data = bytes.TrimSpace(data)
	if err == nil && len(data) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		return "", &cli.Problem{What: "the token cannot be read", Why: err, Next: "give --token-file a file that holds the API token and nothing else, or - for standard input", Code: cli.Error}
	}
	return string(data), nil
}

// ReadFile reads a file of at most so many bytes.
func ReadFile(name string, most int) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file, most)
}

func readAll(r io.Reader, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return data, err
}

// IsTerminal reports whether a stream of a command is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
