//go:build !goexperiment.jsonv2

package originpull

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// foldsNames says that unmarshal ignores the case of names.
const foldsNames = true

// unmarshal decodes JSON. It refuses invalid UTF-8, which encoding/json would silently
// replace. Of a duplicate name the last value counts.
func unmarshal(data []byte, out any) error {
	if !utf8.Valid(data) {
		return errors.New("invalid UTF-8")
	}
	return json.Unmarshal(data, out)
}
