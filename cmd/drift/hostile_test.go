//go:build linux

package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const (
	// What a single document may cost, whatever it holds.
	mostSeconds  = 5
	mostMemoryKB = 450 << 10
)

// hostile is a document that someone broke or that wants to break us.
type hostile struct {
	name  string
	write func(w io.Writer)
	says  string // on standard error; empty if the document can be judged
}

const (
	head     = `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0"}}}}}}}},"components":{"schemas":{`
	tail     = `}}}`
	yamlHead = "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}\ncomponents:\n  schemas:\n"
)

func print(w io.Writer, format string, args ...any) { put(w, fmt.Sprintf(format, args...)) }

func put(w io.Writer, text string) {
	if _, err := io.WriteString(w, text); err != nil {
		panic(err)
	}
}

func plain(text string) func(io.Writer) {
	return func(w io.Writer) { put(w, text) }
}

// schemas writes a document with n schemas S0 … and the text of each.
func schemas(n int, schema func(i int) string) func(io.Writer) {
	return func(w io.Writer) {
		put(w, head)
		for i := range n {
			if i > 0 {
				put(w, ",")
			}
			put(w, `"S`+strconv.Itoa(i)+`":`+schema(i))
		}
		put(w, tail)
	}
}

func ref(i int) string { return fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i) }

// chain writes schemas each of which leaves one alternative, the next.
func chain(n int) func(io.Writer) {
	return schemas(n, func(i int) string {
		if i == n-1 {
			return `{"type":"object"}`
		}
		return `{"type":"object","oneOf":[{"type":"string"},` + ref(i+1) + `]}`
	})
}

// repeat writes text n times between two others.
func repeat(before, text string, n int, after string) func(io.Writer) {
	return func(w io.Writer) {
		put(w, before)
		for range n {
			put(w, text)
		}
		put(w, after)
	}
}

var hostiles = []hostile{
	{name: "empty", write: plain(""), says: "empty"},
	{name: "blank", write: plain(" \n\t\n"), says: "empty"},
	{name: "cut short", write: plain(head[:150]), says: "cut short"},
	{name: "an HTML page", write: plain("<!DOCTYPE html><html><body>502</body></html>"), says: "HTML"},
	{name: "a JSON error", write: plain(`{"message":"Not Found"}`), says: "openapi is missing"},
	{name: "a list", write: plain(`[1,2]`), says: "not an object"},
	{name: "prose", write: plain("try again later"), says: "not an object"},
	{name: "Swagger", write: plain(`{"swagger":"2.0","paths":{"/a":{}}}`), says: "Swagger"},
	{name: "OpenAPI 4", write: plain(`{"openapi":"4.0.0","paths":{"/a":{}}}`), says: "version"},
	{name: "no paths", write: plain(`{"openapi":"3.0.3","components":{}}`), says: "no paths"},
	{name: "empty paths", write: plain(`{"openapi":"3.0.3","paths":{}}`), says: "no paths"},
	{name: "nothing but components", write: plain(`{"openapi":"3.1.0","components":{"schemas":{"A":{}}}}`), says: "nothing but components"},
	{name: "no webhook", write: plain(`{"openapi":"3.1.0","webhooks":{}}`), says: "no webhooks"},
	{name: "paths that are none, and a webhook", write: plain(`{"openapi":"3.1.0","paths":["/a"],"webhooks":{"w":{"post":{"responses":{}}}}}`), says: "paths is not an object"},
	{name: "a webhook, and no path of ours", write: plain(`{"openapi":"3.1.0","webhooks":{"w":{"post":{"responses":{}}}}}`), says: "no operation under"},
	{name: "no path of ours", write: plain(`{"openapi":"3.0.3","paths":{"/ab":{"get":{"responses":{}}}}}`), says: "no operation under"},
	{name: "no operation", write: plain(`{"openapi":"3.0.3","paths":{"/a":{}}}`), says: "no operation under"},
	{name: "a key twice", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{}},"get":{"responses":{}}}}}`), says: "twice"},
	{name: "a key twice in YAML", write: plain("openapi: 3.0.3\npaths: {/a: {get: {responses: {}}}}\npaths: {}\n"), says: "twice"},
	{name: "text after the end", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{}}}}} {}`), says: "goes on"},
	{name: "a second YAML document", write: plain("openapi: 3.0.3\npaths: {/a: {get: {responses: {}}}}\n---\nx: 1\n"), says: "goes on"},
	{name: "not UTF-8", write: plain("openapi: 3.0.3\nx: \xff\xfe\n"), says: "UTF-8"},
	{name: "a reference to nowhere", write: schemas(1, func(int) string { return ref(7) }), says: "leads nowhere"},
	{name: "a reference out", write: schemas(1, func(int) string { return `{"$ref":"other.json#/x"}` }), says: "not followed"},
	{name: "a loop of references", write: schemas(3, func(i int) string { return ref((i + 1) % 3) }), says: "back to itself"},
	{name: "an allOf of itself", write: schemas(1, func(int) string { return `{"type":"object","allOf":[` + ref(0) + `]}` })},
	{name: "a cycle", write: schemas(50, func(i int) string { return fmt.Sprintf(`{"properties":{"p%d":%s}}`, i, ref((i+1)%50)) })},
	{name: "references that fan out", write: schemas(31, func(i int) string {
		if i == 30 {
			return `{"type":"string"}`
		}
		return fmt.Sprintf(`{"properties":{"a":%[1]s,"b":%[1]s}}`, ref(i+1))
	})},
	// Which of the 24 hold together depends on the last 24 steps: 2²⁴ states.
	{name: "subsets of an allOf", write: schemas(25, func(i int) string {
		switch i {
		case 0:
			return fmt.Sprintf(`{"properties":{"a":{"allOf":[%s,%s]},"b":%s}}`, ref(0), ref(1), ref(0))
		case 24:
			return `{"type":"object"}`
		}
		return fmt.Sprintf(`{"properties":{"a":%[1]s,"b":%[1]s}}`, ref(i+1))
	}), says: "too entangled"},
	{name: "a ring of schemas", write: schemas(20_000, func(i int) string {
		if i == 0 {
			return `{"type":"object","properties":{"n":` + ref(1) + `}}`
		}
		return `{"properties":{"n":` + ref((i+1)%20_000) + `}}`
	}), says: "too entangled"},
	{name: "a chain of references", write: schemas(100_000, func(i int) string {
		if i == 99_999 {
			return `{"type":"string"}`
		}
		return ref(i + 1)
	})},
	{name: "a schema that everything refers to", write: schemas(20_000, func(i int) string {
		if i == 0 {
			var b strings.Builder
			for j := range 19_999 {
				fmt.Fprintf(&b, `,"p%d":%s`, j, ref(j+1))
			}
			return `{"properties":{"a":{}` + b.String() + `}}`
		}
		return `{"oneOf":[{"type":"string"},` + ref(0) + `]}`
	})},
	{name: "a million levels", write: repeat(head+`"S0":`, "[", 1_000_000, ""), says: "JSON"},
	{name: "a million levels of YAML", write: repeat(yamlHead+"    S0: ", "[", 1_000_000, ""), says: "YAML"},
	{name: "a thousand levels", write: func(w io.Writer) {
		repeat(head+`"S0":`, `{"items":`, 1000, "{}")(w)
		repeat("", "}", 1000, tail)(w)
	}, says: "deeper"},
	{name: "a value with a million parts", write: repeat(head+`"S0":{"enum":[0`, ",0", 1_200_000, "]}"+tail), says: "too much"},
	{name: "a dense YAML text", write: repeat(yamlHead+"    S0: {enum: [0", ",0", 5_000_000, "]}\n"), says: "give it as JSON"},
	{name: "a YAML text as dense as is read", write: repeat(yamlHead+"    S0: {type: string}\n    S1: {enum: [0", ",0", 490_000, "]}\n")},
	{name: "an alias bomb", write: func(w io.Writer) {
		print(w, "%s    S0: {enum: *a9}\nx-a:\n  - &a0 [x, x]\n", strings.Replace(yamlHead, "components:", "x-first: &a9 [x]\ncomponents:", 1))
		for i := range 30 {
			print(w, "  - &a%[1]d [*a%[2]d, *a%[2]d]\n", i+1, i)
		}
	}, says: "aliases"},
	{name: "an alias of itself", write: plain("openapi: 3.0.3\npaths: &p {/a: *p}\n"), says: "alias"},
	{name: "a merge key", write: plain("x: &x {a: 1}\nopenapi: 3.0.3\npaths: {<<: *x}\n"), says: "merge"},
	{name: "over 64 MiB", write: repeat(head+`"S0":{"x":"`, strings.Repeat("x", 1<<20), 65, `"}`+tail), says: "64 MiB"},
	{name: "nearly 64 MiB", write: repeat(head+`"S0":{"type":"string"},"S1":{"x":"`, strings.Repeat("x", 1<<20), 63, `"}`+tail)},
	{name: "millions of components", write: schemas(4_000_000, func(int) string { return "0" }), says: "paths and components"},
	{name: "millions of paths", write: func(w io.Writer) {
		put(w, `{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{}}}`)
		for i := range 4_000_000 {
			put(w, `,"/x`+strconv.Itoa(i)+`":{}`)
		}
		put(w, "}}")
	}, says: "paths and components"},
	{name: "as many components as are read", write: schemas(290_000, func(int) string { return "{}" })},
	{name: "4,000 alternatives in a chain", write: chain(4000), says: "too entangled"},
	{name: "16,000 alternatives in a chain", write: chain(16_000), says: "too entangled"},
	{name: "two statuses that are one", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"4XX":{},"4xx":{}}}}}}`), says: "/responses/4XX and /paths/~1a/get/responses/4xx"},
	{name: "two media types that are one", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"content":{"a/b":{},"A/B":{}}}}}}}}`), says: "content/A~1B"},
	{name: "two headers that are one", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"headers":{"X-A":{},"x-a":{}}}}}}}}`), says: "headers/x-a"},
	{name: "two parameters that are one", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"parameters":[{"in":"header","name":"X"},{"in":"header","name":"x"}],"responses":{}}}}}`), says: "parameters/1"},
	{name: "huge numbers", write: schemas(1, func(int) string { return `{"maximum":1e999999999}` }), says: "out of range"},
	{name: "a parameter of an unknown place", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"parameters":[{"in":"moon","name":"x"}],"responses":{}}}}}`), says: "moon"},
	{name: "wrong kinds of values", write: plain(`{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":[]}}}}`), says: "want an object"},
}

// TestHostile runs the program on each, under a limit of processor time, and
// looks at the most memory that it took.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and writes large files")
	}
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "doc")
			f, err := os.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			w := bufio.NewWriter(f)
			h.write(w)
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			commands := [][]string{{"diff", file, file}, {"fingerprint", file}, {"slice", file}}
			if large(t, file) && !*thorough {
				commands = commands[:1] // each reads it in the same way, and diff does so twice
			}
			for _, args := range commands {
				limited(t, h.says, append(args, "--prefix", "/a"))
			}
		})
	}
}

var thorough = flag.Bool("thorough", false, "run each command on large documents")

func large(t *testing.T, file string) bool {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size() > 1<<20
}

// limited runs the program, which must be done within the limits: judge the
// document, or say what is wrong with it and end with status 2.
func limited(t *testing.T, says string, args []string) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -t %d; exec "$0" "$@"`, mostSeconds), program(t)}, args...)...)
	cmd.Dir = t.TempDir()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	state := cmd.ProcessState
	if peak := state.SysUsage().(*syscall.Rusage).Maxrss; peak > mostMemoryKB {
		t.Errorf("drift %s takes %d MB", args[0], peak>>10)
	}
	want := 0
	if says != "" {
		want = 2
	}
	if got := state.ExitCode(); got != want {
		t.Errorf("drift %s: status %d, want %d (%v): %.300s", args[0], got, want, err, stderr.String())
	}
	if !strings.Contains(stderr.String(), says) || len(stderr.String()) > 2000 {
		t.Errorf("drift %s does not say %q in a few words: %.2000s", args[0], says, stderr.String())
	}
}
