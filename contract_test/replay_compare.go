package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// differenceInForm compares status, codes, headers and the types of all fields.
func differenceInForm(one Recorded, resp *http.Response, body []byte) string {
	ours := exchange{Status: resp.StatusCode, Response: part{resp.Header, body}}
	theirs := exchange{Status: one.Status, Response: one.part()}
	mine, _ := ours.envelope()
	recorded, ok := theirs.envelope()
	switch {
	case ours.Status != theirs.Status:
		return fmt.Sprintf("it responds with %d where %d was recorded", ours.Status, theirs.Status)
	case !ok:
		return "it responds with JSON where the recorded response is not JSON"
	case !slices.Equal(mine.codes(), recorded.codes()):
		return fmt.Sprintf("it responds with the codes %v where %v were recorded", mine.codes(), recorded.codes())
	}
	for _, name := range []string{"Cf-Ray", "Ratelimit", "Ratelimit-Policy", "Retry-After"} {
		if (resp.Header.Get(name) == "") != (theirs.Response.Header.Get(name) == "") {
			return "of its response and the recorded one, one has no " + name
		}
	}
	var a, b any
	if err := errors.Join(json.Unmarshal(body, &a), json.Unmarshal(one.Response, &b)); err != nil {
		return err.Error()
	}
	return differenceAt("", a, b)
}

func differenceAt(where string, ours, theirs any) string {
	if typeOf(ours) != typeOf(theirs) {
		if where == "/result" && typeOf(theirs) == "null" && typeOf(ours) == "array" {
			return "" // the recorded list lagged
		}
		return fmt.Sprintf("its response has %[2]s at %[1]s where %[3]s was recorded", where, typeOf(ours), typeOf(theirs))
	}
	switch a := ours.(type) {
	case map[string]any:
		b := theirs.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if _, has := a[name]; !has {
				return fmt.Sprintf("its response has no %s", where+pointer(name))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if _, has := b[name]; !has {
				return fmt.Sprintf("its response has %s, which was not recorded", where+pointer(name))
			}
			if difference := differenceAt(where+pointer(name), a[name], b[name]); difference != "" {
				return difference
			}
		}
	case []any:
		b := theirs.([]any)
		if len(a) > 0 && len(b) > 0 {
			return differenceAt(where+"/0", a[0], b[0])
		}
	}
	return ""
}
