package originpull_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// change is something that happens to PEM on its way to a program.
type change func(pem string) string

func replaced(pairs ...string) change { return strings.NewReplacer(pairs...).Replace }

func inUTF16(order binary.AppendByteOrder, mark string) change {
	return func(pem string) string {
		var text []byte
		for _, unit := range utf16.Encode([]rune(mark + pem)) {
			text = order.AppendUint16(text, unit)
		}
		return string(text)
	}
}

func around(before, after string) change {
	return func(pem string) string { return before + pem + after }
}

func then(changes ...change) change {
	return func(pem string) string {
		for _, c := range changes {
			pem = c(pem)
		}
		return pem
	}
}

// indented moves each line but the first, which may be a name of YAML.
func indented(by string) change { return replaced("\n", "\n"+by) }

// TestPEMIsRead reads what there is only one way to read, whatever happened to it on its
// way.
func TestPEMIsRead(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	oneLine := replaced("\n", " ")
	asJSON := func(pem string) string { return string(must(json.Marshal(pem))) }
	for name, change := range map[string]change{
		"as it is":                         around("", ""),
		"byte order mark":                  around(mark, ""),
		"a byte order mark at each block":  replaced("-----BEGIN", mark+"-----BEGIN"),
		"Windows":                          then(around(mark, ""), replaced("\n", "\r\n")),
		"carriage returns alone":           replaced("\n", "\r"),
		"UTF-16, little endian":            inUTF16(binary.LittleEndian, mark),
		"UTF-16, big endian":               inUTF16(binary.BigEndian, mark),
		"UTF-16 without a mark":            inUTF16(binary.LittleEndian, ""),
		"UTF-16, big endian, unmarked":     inUTF16(binary.BigEndian, ""),
		"UTF-16 of Windows":                then(replaced("\n", "\r\n"), inUTF16(binary.LittleEndian, mark)),
		"indented by spaces":               then(around("    ", ""), indented("    ")),
		"indented by tabs":                 then(around("\t", ""), indented("\t")),
		"indented by other spaces":         then(around("\u00a0", ""), indented("\u00a0\u00a0")),
		"YAML":                             then(around("cert: |\n  ", ""), indented("  ")),
		"YAML on one line":                 then(oneLine, around(`cert: "`, `"`)),
		`\n`:                               replaced("\n", `\n`),
		`\r\n`:                             replaced("\n", `\r\n`),
		`\n, escaped twice`:                replaced("\n", `\\n`),
		`\n and a line break`:              replaced("\n", "\\n\n"),
		"one line":                         oneLine,
		"one line, nothing between":        replaced("\n", ""),
		"in quotes":                        then(strings.TrimSpace, around(`"`, `"`)),
		"in quotes of a shell":             then(strings.TrimSpace, around(`'`, "'\n")),
		"JSON":                             asJSON,
		"JSON of PHP":                      then(asJSON, replaced("/", `\/`)),
		"a variable of a shell":            then(strings.TrimSpace, around(`export PEM="`, `"`)),
		"each line in quotes":              then(strings.TrimSpace, around(`"`, `",`), replaced("\n", "\",\n\"")),
		"white space behind each line":     replaced("\n", " \t \n"),
		"empty lines between":              replaced("\n", "\n\n"),
		"NUL bytes behind":                 around("", "\x00\x00"),
		"a comment that mentions BEGIN":    around("# paste it from -----BEGIN on\n", ""),
		"a comment that mentions a block":  around("# what is between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----\n", ""),
		"a comment that mentions a line":   around("the line -----BEGIN CERTIFICATE----- comes first\n", "\nthe line -----END CERTIFICATE----- last\n"),
		"a comment with a fingerprint":     around("as -----BEGIN CERTIFICATE-----, SHA-256 "+strings.Repeat("0af1", 16)+"\n", ""),
		"names as old OpenSSL prints":      around("subject=/C=DE/ST=Bavaria/L=Munich/O=ExampleOrg/OU=IT/CN=client\nissuer=/C=DE/ST=Bavaria/L=Munich/O=ExampleOrg/OU=IT/CN=ca\n", ""),
		"a comment with a path":            around("# /etc/letsencrypt/live/examplecom/intermediates/fullchain\n", ""),
		"a comment with a pin":             around("# pin-sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", ""),
		"a ruler":                          around("----------------\n", "\n----------------\n"),
		"words of PEM":                     around("BEGIN here, and END there\n", ""),
		"nothing between the blocks":       replaced("-----\n-----", "----------"),
		"lines of another length":          replaced("\n", "", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n", "-----END", "\n-----END"),
		"line separators of Unicode":       replaced("\n", "\u2028"),
		"invisible characters at each end": replaced("\n", "\u200b\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := testpki.CA("ca.example")
			leaf := ca.Issue("client.example", nil)
			chain := change(string(slices.Concat(leaf.CertPEM(), ca.CertPEM())))
			pair, err := originpull.ParseKeyPair([]byte(chain), []byte(change(string(leaf.KeyPEM()))))
			if err != nil {
				t.Fatalf("an operator cannot upload it: %v", err)
			}
			cert, key := uploaded(t, pair)
			if want := string(slices.Concat(leaf.CertPEM(), ca.CertPEM())); cert != want || key != string(leaf.KeyPEM()) {
				t.Error("something else is uploaded than what the file held")
			}
			if read, err := originpull.ParseCertificate([]byte(strings.TrimSpace(change(string(leaf.CertPEM()))))); err != nil || !read.Equal(leaf.Certificate) {
				t.Errorf("ParseCertificate does not read it: %v", err)
			}
		})
	}
}

// cut returns the text without the first n lines from a line on, counted from the end if
// negative.
func withoutLine(i int) change {
	return func(pem string) string {
		lines := strings.Split(strings.TrimSuffix(pem, "\n"), "\n")
		i := (i + len(lines)) % len(lines)
		return strings.Join(slices.Delete(lines, i, i+1), "\n") + "\n"
	}
}

// TestPEMIsDiagnosed names the cause and the remedy where PEM cannot be read, and shows
// nothing of it.
func TestPEMIsDiagnosed(t *testing.T) {
	t.Parallel()
	const damaged = "its BEGIN or END line is missing or damaged: want lines such as -----BEGIN CERTIFICATE-----, with five dashes, capitals and one space"
	encoded := func(pem string) string { return base64.StdEncoding.EncodeToString([]byte(pem)) }
	for _, tt := range []struct {
		name   string
		change change
		says   string
	}{
		{"no END", withoutLine(-1), "it has no END line of its kind, or a damaged one: copy it completely"},
		{"cut off", func(pem string) string { return pem[:len(pem)-60] }, "it has no END line"},
		{"cut off, on one line", then(func(pem string) string { return pem[:len(pem)-60] }, replaced("\n", `\n`)), "it has no END line"},
		{"no BEGIN", withoutLine(0), damaged},
		{"no lines around", then(withoutLine(0), withoutLine(-1)), damaged},
		{"another END", replaced("-----END CERT", "-----END X509 CERT", "-----END PRIV", "-----END RSA PRIV"), "it has no END line of its kind"},
		{"too few dashes", replaced("-----", "----"), damaged},
		{"dashes of a text processor", replaced("-----", "–––––"), damaged},
		{"long dashes", replaced("-----", "——-"), damaged},
		{"too few dashes at BEGIN", replaced("-----BEGIN", "----BEGIN"), damaged},
		{"too few dashes at END", replaced("-----END", "----END"), "it has no END line"},
		{"small letters", replaced("BEGIN", "begin", "END", "end"), damaged},
		{"no space", replaced("BEGIN ", "BEGIN", "END ", "END"), damaged},
		{"a line is missing", func(pem string) string { return pem[:40] + pem[43:] }, "characters of its base64 are missing or changed"},
		{"a quoted mail", then(around("> ", ""), replaced("\n", "\n> ")), "line 1 begins with >, as in a mail: remove that from each line"},
		{"base64 for URLs", func(pem string) string { return pem[:40] + "_" + pem[41:] }, "line 1 is base64 for URLs"},
		{"something left out", func(pem string) string { return pem[:60] + "\n...\n" + pem[140:] }, "contains dots, where something was left out"},
		{"something left out, by one character", func(pem string) string { return pem[:60] + "…" + pem[140:] }, "contains a character that is not base64"},
		{"a NUL byte", func(pem string) string { return pem[:40] + "\x00" + pem[40:] }, "contains a NUL byte"},
		{"HTML", replaced("\n", "<br>\n"), "encoded as in a URL or HTML: decode it"},
		{"HTML, escaped", replaced("\n", "&#10;"), "encoded as in a URL or HTML: decode it"},
		{"backslashes of a shell", replaced("\n", "\\\n"), "contains a backslash"},
		{"line breaks encoded as in a URL", replaced("\n", "%0A"), "encoded as in a URL or HTML: decode it"},
		{"encoded as in a URL", url.QueryEscape, "encoded as in a URL: decode it"},
		{"encoded as a path of a URL", url.PathEscape, "encoded as in a URL: decode it"},
		{"a comment in a block", func(pem string) string { return pem[:60] + "\n# renew in May!\n" + pem[60:] }, "contains a character that is not base64"},
		{"base64 of PEM", encoded, "encoded in base64 once more: decode it, with base64 -d for instance"},
		{"base64 of PEM, on lines", func(pem string) string {
			text := encoded(pem)
			return text[:76] + "\n" + text[76:]
		}, "encoded in base64 once more"},
		{"nothing", func(string) string { return " \n" }, "It is empty"},
		{"DER", func(pem string) string {
			b, _ := base64.StdEncoding.DecodeString(strings.Join(strings.Split(pem, "\n")[1:3], ""))
			return string(b)
		}, "It is DER or PKCS #12: convert it with openssl x509 -inform der, openssl pkey -inform der or openssl pkcs12 -nodes"},
		{"PKCS #7", replaced("CERTIFICATE", "PKCS7", "PRIVATE KEY", "PKCS7"), "openssl pkcs7 -print_certs"},
		{"a request", replaced("CERTIFICATE", "CERTIFICATE REQUEST", "PRIVATE KEY", "NEW CERTIFICATE REQUEST"), "want the certificate that the CA made of it"},
		{"a name of OpenSSL", replaced("CERTIFICATE", "TRUSTED CERTIFICATE", "PRIVATE KEY", "X509 CERTIFICATE"), "convert it with openssl x509"},
		{"public key", replaced("CERTIFICATE", "PUBLIC KEY", "PRIVATE KEY", "RSA PUBLIC KEY"), "It is the public key alone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := testpki.Leaf("client.example", nil)
			_, err := originpull.ParseKeyPair([]byte(tt.change(string(leaf.CertPEM()))), leaf.KeyPEM())
			wantRefusal(t, err, nil, tt.says)
			_, err = originpull.ParseKeyPair(leaf.CertPEM(), []byte(tt.change(string(leaf.KeyPEM()))))
			wantRefusal(t, err, nil, tt.says)
			wantNoStretch(t, err, string(leaf.KeyPEM()))
		})
	}
	leaf := testpki.Leaf("client.example", nil)
	_, err := originpull.ParseKeyPair(leaf.CertPEM(), block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00")))
	wantRefusal(t, err, nil, "ssh-keygen -p -m PEM converts one of OpenSSH")
}

// wantNoStretch requires that an error shows no part of a key in PEM.
func wantNoStretch(t *testing.T, err error, keyPEM string) {
	t.Helper()
	for _, line := range strings.Split(keyPEM, "\n")[1:3] {
		for i := 0; i+8 <= len(line); i++ {
			if strings.Contains(err.Error(), line[i:i+8]) {
				t.Errorf("the refusal shows a part of the key: %q", line[i:i+8])
				return
			}
		}
	}
}

// TestChainLosesNothing refuses a chain of which a certificate would be left out, wherever
// it is damaged.
func TestChainLosesNothing(t *testing.T) {
	t.Parallel()
	ca := testpki.CA("ca.example")
	leaf := ca.Issue("client.example", nil)
	for name, change := range map[string]change{
		"no END":                withoutLine(-1),
		"no BEGIN":              withoutLine(0),
		"no lines around":       then(withoutLine(0), withoutLine(-1)),
		"too few dashes":        replaced("-----", "----"),
		"small letters":         replaced("BEGIN", "begin", "END", "end"),
		"a line in the middle":  func(pem string) string { return pem[:40] + "!" + pem[41:] },
		"in a variable":         func(pem string) string { return `CA="` + pem[:40] + "!" + pem[41:] },
		"cut off in a variable": then(withoutLine(-1), around(`CA="`, "")),
	} {
		for _, chain := range []string{
			string(leaf.CertPEM()) + change(string(ca.CertPEM())),
			string(leaf.CertPEM()) + change(string(ca.CertPEM())) + string(ca.CertPEM()),
		} {
			if _, err := originpull.ParseKeyPair([]byte(chain), leaf.KeyPEM()); err == nil {
				t.Errorf("%s: a certificate of the chain is left out without a word", name)
			} else {
				wantRefusal(t, err, nil, "certificate: ")
			}
		}
	}
}
