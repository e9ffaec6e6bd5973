//go:build goexperiment.jsonv2 && !go1.27

package originpull

import "encoding/json/v2"

// foldsNames says that unmarshal ignores the case of names.
const foldsNames = false

// unmarshal is the same as in json_v2.go, for Go 1.26 with GOEXPERIMENT=jsonv2.
// It is a separate file, because only the build tag go1.27 lets vet know that the
// package is part of the standard library there.
func unmarshal(data []byte, out any) error { return json.Unmarshal(data, out) }
