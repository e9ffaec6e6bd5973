package drift

import "testing"

// TestHasWord: a file is listed as affected if it mentions the operation, not one whose
// name begins or ends alike.
func TestHasWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"c.GetSettings(ctx)": true, "GetSettings": true, "GetSettingsRequest": false, "newGetSettings": false, "_GetSettings": false,
		"GetSettings2 GetSettings": true, "GetSettingsGetSettings": false, "": false, "·GetSettings·": true,
	} {
		if got := hasWord(text, "GetSettings"); got != want {
			t.Errorf("%q mentions GetSettings: %t, want %t", text, got, want)
		}
	}
	if hasWord("text", "") {
		t.Error("a text mentions what has no name")
	}
}
