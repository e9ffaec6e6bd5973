//go:build goexperiment.jsonv2 && go1.27

package originpull

import "encoding/json/v2"

// foldsNames says that unmarshal ignores the case of names.
const foldsNames = false

// unmarshal decodes JSON. It refuses invalid UTF-8 and duplicate names.
func unmarshal(data []byte, out any) error { return json.Unmarshal(data, out) }
