package originpulltest

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// settingEnvelope is the response for a zone setting.
type settingEnvelope struct {
	Success  bool          `json:"success"`
	Errors   []api.Message `json:"errors"`
	Messages []api.Message `json:"messages"`
	Result   settingResult `json:"result"`
}

type settingResult struct {
	ID         string     `json:"id"`
	Value      string     `json:"value"`
	Editable   bool       `json:"editable"`
	ModifiedOn *time.Time `json:"modified_on"` // null if never modified
}

// serveSetting implements the operations on zone settings.
func (s *Simulator) serveSetting(w http.ResponseWriter, x *exchange) {
	f := x.start()
	defer x.finish()
	if f != nil {
		f.write(w)
		return
	}
	if x.route.ID == "SetGlobal" {
		var body struct {
			Value string `json:"value"`
		}
		if err := json.Unmarshal(x.body, &body); err != nil || body.Value != "on" && body.Value != "off" {
			serviceFailure(http.StatusBadRequest, 0, "value must be on or off").write(w)
			return
		}
		s.SetGlobal(x.zoneID, body.Value == "on")
	}
	s.mu.Lock()
	z := s.read(x.zoneID)
	result := settingResult{ID: "ssl", Value: string(z.ssl.value), Editable: true}
	modified := z.ssl.modified
	if x.route.ID != "GetSSLMode" {
		result.ID, result.Value, modified = "tls_client_auth", "off", z.global.modified
		if z.global.value {
			result.Value = "on"
		}
	}
	s.mu.Unlock()
	if !modified.IsZero() {
		utc := modified.UTC().Truncate(time.Microsecond)
		result.ModifiedOn = &utc
	}
	writeJSON(w, http.StatusOK, settingEnvelope{Success: true, Errors: none, Messages: none, Result: result})
}
