//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// floor reads documents through the tokenizer, and does nothing with them.
func floor(files []string) error {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		dec := jsontext.NewDecoder(bytes.NewBuffer(text))
		for {
			if _, err := dec.ReadToken(); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare makes three pairs of documents: the whole, what is under the prefix,
// and the whole twice. In each the newer one has changed under the prefix.
func prepare(doc, dir string) error {
	text, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		return err
	}
	slice, twice := clone(whole), clone(whole)
	keepPrefix(slice)
	double(twice)
	for name, d := range map[string]map[string]any{"whole": whole, "slice": slice, "twice": twice} {
		if err := write(filepath.Join(dir, name+"-old.json"), d); err != nil {
			return err
		}
		if err := change(d); err != nil {
			return err
		}
		if err := write(filepath.Join(dir, name+"-new.json"), d); err != nil {
			return err
		}
	}
	return nil
}

func write(file string, doc map[string]any) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func clone(doc map[string]any) map[string]any {
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // it was JSON
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

// change takes a response and a credential away from an operation of ours.
func change(doc map[string]any) error {
	paths, _ := doc["paths"].(map[string]any)
	item, _ := paths[prefix].(map[string]any)
	op, _ := item["get"].(map[string]any)
	responses, _ := op["responses"].(map[string]any)
	if responses["4XX"] == nil {
		return fmt.Errorf("the document has no GET %s with a response 4XX", prefix)
	}
	delete(responses, "4XX")
	op["security"] = []any{}
	return nil
}

// keepPrefix takes out the other paths, and the components that nothing then
// refers to.
func keepPrefix(doc map[string]any) {
	paths, _ := doc["paths"].(map[string]any)
	for path := range paths {
		if !strings.HasPrefix(path, prefix) {
			delete(paths, path)
		}
	}
	components, _ := doc["components"].(map[string]any)
	for removed := true; removed; {
		removed = false
		text, _ := json.Marshal(doc)
		for section, members := range components {
			members, _ := members.(map[string]any)
			for name := range members {
				if section != "securitySchemes" && !bytes.Contains(text, []byte(`"#/components/`+section+"/"+name+`"`)) {
					delete(members, name)
					removed = true
				}
			}
		}
	}
}

// double adds everything that is not under the prefix once more, under other
// names.
func double(doc map[string]any) {
	paths, _ := doc["paths"].(map[string]any)
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for name, schema := range clone(schemas) {
		schemas["again_"+name] = schema
	}
	for path, item := range clone(paths) {
		paths["/again"+path] = item
	}
}
