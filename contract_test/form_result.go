package contract

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// resultForm returns what is wrong with the certificates in the result of a success, and
// with result_info.
func resultForm(x *exchange) (wrong []string) {
	var body struct {
		Result     json.RawMessage `json:"result"`
		ResultInfo json.RawMessage `json:"result_info"`
	}
	if !x.succeeded() || json.Unmarshal(x.Response.Body, &body) != nil {
		return nil
	}
	var list []received
	switch x.Operation {
	case "ListCertificates":
		if json.Unmarshal(body.Result, &list) != nil {
			return nil // the document says so
		}
		wrong = append(listForm(list), infoForm(body.ResultInfo, len(list))...)
	case "UploadCertificate", "GetCertificate", "DeleteCertificate":
		if string(body.Result) == "null" {
			if x.Operation != "DeleteCertificate" {
				wrong = append(wrong, "a success without a certificate")
			}
			return wrong
		}
		list = make([]received, 1)
		if json.Unmarshal(body.Result, &list[0]) != nil {
			return nil
		}
	case "GetSettings", "SetSettings":
		var settings map[string]json.RawMessage
		if json.Unmarshal(body.Result, &settings) == nil && len(settings["enabled"]) == 0 {
			wrong = append(wrong, "a success without the enablement")
		}
	}
	for _, certificate := range list {
		for _, what := range certificate.form() {
			if !slices.Contains(wrong, what) {
				wrong = append(wrong, what)
			}
		}
	}
	return wrong
}

// form returns what is wrong with a certificate: every field is there, and fits the
// certificate itself.
func (c received) form() (wrong []string) {
	for _, field := range []struct{ name, value string }{
		{"id", c.ID}, {"status", c.Status}, {"certificate", c.Certificate}, {"issuer", c.Issuer}, {"signature", c.Signature},
		{"serial_number", c.SerialNumber}, {"expires_on", c.ExpiresOn}, {"uploaded_on", c.UploadedOn},
	} {
		if field.value == "" {
			wrong = append(wrong, field.name+" of a certificate is empty or missing")
		}
	}
	if c.hasKey {
		wrong = append(wrong, "a certificate has a field for the private key, which is write-only")
	}
	if c.ID != "" && !pathID.MatchString(c.ID) {
		wrong = append(wrong, "an id that cannot be part of a path")
	}
	if uploaded, err := time.Parse(time.RFC3339Nano, c.UploadedOn); err == nil && uploaded.Year() < 2000 {
		wrong = append(wrong, "uploaded_on is before the API existed") // 1970 stands for no time at all
	}
	leaf, err := originpull.ParseCertificate([]byte(c.Certificate))
	if err != nil {
		if c.Certificate != "" {
			wrong = append(wrong, "certificate cannot be parsed")
		}
		return wrong
	}
	expires, err := time.Parse(time.RFC3339Nano, c.ExpiresOn)
	for _, field := range []struct {
		wrong bool
		what  string
	}{
		{c.Issuer != "" && c.Issuer != leaf.Issuer.String() && c.Issuer != hexadecimal(leaf.Issuer), "issuer is not the certificate's"},
		{c.Signature != "" && c.Signature != leaf.SignatureAlgorithm.String(), "signature is not the certificate's algorithm"},
		{c.SerialNumber != "" && c.SerialNumber != leaf.SerialNumber.String(), "serial_number is not the certificate's"},
		{err == nil && !expires.Equal(leaf.NotAfter), "expires_on is not the certificate's"},
	} {
		if field.wrong {
			wrong = append(wrong, field.what)
		}
	}
	return wrong
}

// hexadecimal returns a name as the service prints it, and Go did up to 1.26: attributes
// without a short name in hexadecimal.
func hexadecimal(name pkix.Name) string {
	name.Names = slices.Clone(name.Names)
	for i, attribute := range name.Names {
		if der, err := asn1.Marshal(attribute.Value); err == nil {
			name.Names[i].Value = asn1.RawValue{FullBytes: der}
		}
	}
	return name.String()
}

// listForm returns what is wrong with a list as a whole. A duplicate is refused by its
// content, so no two entries are the same certificate.
func listForm(list []received) (wrong []string) {
	ids, contents := map[string]bool{}, map[string]bool{}
	add := func(what string) {
		if !slices.Contains(wrong, what) {
			wrong = append(wrong, what)
		}
	}
	for _, c := range list {
		id := strings.ToLower(c.ID)
		block, _ := pem.Decode([]byte(c.Certificate))
		switch {
		case c.ID != "" && ids[id]:
			add("a certificate is listed twice")
		case block != nil && contents[string(block.Bytes)]:
			add("a certificate is listed twice, with two ids")
		}
		if ids[id] = true; block != nil {
			contents[string(block.Bytes)] = true
		}
		if c.Status == string(originpull.StatusDeleted) {
			add("a deleted certificate is listed")
		}
	}
	return wrong
}

// infoForm returns what is wrong with the result_info of a list, which is all on one page.
// It may be missing, and so may any number in it.
func infoForm(text json.RawMessage, n int) (wrong []string) {
	if len(text) == 0 {
		return nil
	}
	var info map[string]json.RawMessage
	if json.Unmarshal(text, &info) != nil || info == nil {
		return []string{"result_info is not an object"}
	}
	for _, field := range []struct {
		name        string
		least, most int
	}{
		{"count", n, n},
		{"total_count", n, n},
		{"page", min(n, 1), 1}, // 0 or 1 where there are none
		{"total_pages", min(n, 1), 1},
		{"per_page", n, 1 << 30},
	} {
		var number *float64
		if len(info[field.name]) == 0 {
			continue
		}
		if json.Unmarshal(info[field.name], &number) != nil || number == nil || *number < float64(field.least) || *number > float64(field.most) {
			wrong = append(wrong, fmt.Sprintf("result_info/%s does not fit a list of %d on one page", field.name, n))
		}
	}
	return wrong
}

// repeatedName returns the JSON pointer of a name that comes twice in an object of a
// valid JSON text, "" if there is none. Which of the two counts depends on the decoder.
func repeatedName(text []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return repeatedIn(decoder, "")
}

func repeatedIn(decoder *json.Decoder, at string) string {
	token, err := decoder.Token()
	if err != nil {
		return ""
	}
	names, found := map[string]bool{}, ""
	for i := 0; token == json.Delim('{') && decoder.More() || token == json.Delim('[') && decoder.More(); i++ {
		place := fmt.Sprintf("%s/%d", at, i)
		if token == json.Delim('{') {
			name, _ := decoder.Token()
			text, _ := name.(string)
			place = at + pointer(text)
			if same := folded(text); names[same] {
				found = place
			} else {
				names[same] = true
			}
		}
		if inner := repeatedIn(decoder, place); found == "" {
			found = inner
		}
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		decoder.Token() // the end
	}
	return found
}

// folded returns what is the same for names that a decoder takes for the same if it ignores
// case, as encoding/json does: also of s and the long s.
func folded(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// sameCertificate reports whether two PEM texts hold the same certificate.
func sameCertificate(a, b string) bool {
	one, err1 := parseLeaf(a)
	two, err2 := parseLeaf(b)
	return err1 != nil || err2 != nil || one.Equal(two) // what cannot be parsed is the case's matter
}

func parseLeaf(text string) (*x509.Certificate, error) {
	return originpull.ParseCertificate([]byte(text))
}
