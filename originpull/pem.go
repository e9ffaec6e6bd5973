package originpull

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"strings"
)

const dashes = "-----"

// parseBlocks decodes all blocks of a PEM text. The standard library silently skips a
// broken block, and so would leave out a certificate of a chain. So a text that is not
// plain PEM, with nothing around its blocks, goes to readBlocks.
func parseBlocks(text []byte) ([]*pem.Block, error) {
	var blocks []*pem.Block
	rest := bytes.TrimSpace(text)
	for bytes.HasPrefix(rest, []byte(dashes)) {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		blocks = append(blocks, block)
		rest = bytes.TrimSpace(after)
	}
	if len(rest) == 0 && len(blocks) > 0 && bytes.Count(text, []byte(dashes)) == 4*len(blocks) {
		return blocks, nil
	}
	return readBlocks(plainText(text))
}

// readBlocks decodes the blocks of a PEM text whose form was damaged on its way, as far
// as there is only one way to read it: indented, on one line, or with a comment that
// mentions a BEGIN line. Errors say what is broken, and show nothing of the text.
func readBlocks(text string) ([]*pem.Block, error) {
	var blocks []*pem.Block
	parts := strings.Split(text, dashes) // every other one is between the dashes of a line
	for i := 0; i < len(parts); i++ {
		label, begins := strings.CutPrefix(parts[i], "BEGIN ")
		begins = begins && i > 0 && i+1 < len(parts) && (startsLine(parts[i-1]) || holdsBase64(parts[i+1])) // else it is mentioned
		var why string
		switch {
		case begins && i+2 < len(parts) && parts[i+2] == "END "+label:
			plain := []string{"", parts[i], "\n" + strings.TrimSpace(parts[i+1]) + "\n", parts[i+2], ""}
			if block, _ := pem.Decode([]byte(strings.Join(plain, dashes))); block != nil {
				blocks = append(blocks, block)
				i += 2
				continue
			}
			why = brokenContent(parts[i+1])
		case begins:
			why = "it has no END line of its kind, or a damaged one: copy it completely"
		case !holdsBase64(parts[i]):
			continue
		case strings.Contains(parts[i], "LS0tLS1CRUdJTi"): // -----BEGIN
			why = "it is PEM that was encoded in base64 once more: decode it, with base64 -d for instance"
		default:
			why = damagedLines
		}
		return nil, fmt.Errorf("PEM block %d is broken: %s", len(blocks)+1, why)
	}
	return blocks, nil
}

const damagedLines = "its BEGIN or END line is missing or damaged: want lines such as -----BEGIN CERTIFICATE-----, with five dashes, capitals and one space"

// startsLine reports whether only white space stands between the last line break of before
// and its end.
func startsLine(before string) bool {
	before = strings.TrimRight(before, " \t")
	return before == "" || strings.HasSuffix(before, "\n")
}

// holdsBase64 reports whether text contains what seems to be a part of a block: a word
// that begins as the encoding of a certificate or a key does, or as that of PEM, or a line
// that is as long as those of PEM. A path, a name or a fingerprint in a comment is none.
func holdsBase64(text string) bool {
	const shortest, wholeLine = 40, 64
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for _, word := range words {
			begins := strings.HasPrefix(word, "M") || strings.HasPrefix(word, "LS0t")
			whole := len(words) == 1 && len(word) == wholeLine && word[0] != '/'
			if len(word) >= shortest && (begins || whole) && strings.Trim(word, "0123456789abcdefABCDEF") != "" &&
				strings.IndexFunc(strings.TrimRight(word, "="), notBase64) < 0 {
				return true
			}
		}
	}
	return false
}

func notBase64(r rune) bool {
	return strings.Trim(string(r), lettersAndDigits+"+/=") != ""
}

// brokenContent says why the content of a block cannot be decoded.
func brokenContent(content string) string {
	i := strings.IndexFunc(content, func(r rune) bool { return notBase64(r) && r != ' ' && r != '\t' && r != '\n' })
	if i < 0 {
		return "characters of its base64 are missing or changed: copy it again"
	}
	why := "contains a character that is not base64: copy it again, as plain text"
	for _, kind := range damages {
		if strings.IndexByte(kind[0], content[i]) >= 0 {
			why = kind[1]
		}
	}
	return fmt.Sprintf("line %d %s", strings.Count(content[:i], "\n"), why)
}

// damages are what characters that base64 does not have say of a line.
var damages = [][2]string{
	{"\x00", "contains a NUL byte: save it as plain text"},
	{">", "begins with >, as in a mail: remove that from each line"},
	{"%&<", "is encoded as in a URL or HTML: decode it"},
	{"\\", "contains a backslash: want line breaks instead"},
	{"-_", "is base64 for URLs, or belongs to a BEGIN or END line with another number of dashes than five"},
	{".", "contains dots, where something was left out: copy all of it"},
}

// plainText returns text in UTF-8, with \n as line break, and without what editors, shells
// and configuration files add: a byte order mark, other kinds of line breaks and spaces,
// escapes in place of line breaks, quotes. None of these can be part of a block.
func plainText(text []byte) string {
	plain := strings.TrimRight(string(text), "\x00")
	if 3*strings.Count(plain, "\x00") > len(plain) { // UTF-16; of what is not ASCII nothing is a part of a block
		plain = strings.ReplaceAll(plain, "\x00", "")
	}
	return strings.NewReplacer(
		"\ufeff", "", "\xff\xfe", "", "\xfe\xff", "", // byte order marks
		"\u200b", "", "\u2060", "", "\u00a0", " ", "\u2028", "\n", "\u0085", "\n",
		"\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n",
		`\\r\\n`, "\n", `\r\n`, "\n", `\\n`, "\n", `\n`, "\n", `\r`, "\n", `\/`, "/",
		`"`, "", "'", "", "`", "", ",", "", ";", "",
	).Replace(plain)
}

// insteadOf says what a text holds that has no block of the wanted kind, and how to get
// one; empty if nothing is known of it. It begins with a space.
func insteadOf(text []byte, blocks []*pem.Block) string {
	for _, block := range blocks {
		for _, kind := range otherBlocks {
			if strings.Contains(block.Type, kind[0]) {
				return kind[1]
			}
		}
	}
	plain := strings.ToLower(strings.TrimSpace(plainText(text)))
	switch {
	case plain == "":
		return " It is empty, or a pipe to which nothing writes"
	case len(text) > 1 && text[0] == 0x30 && text[1] >= 0x80: // a long SEQUENCE
		return " It is DER or PKCS #12: convert it with openssl x509 -inform der, openssl pkey -inform der or openssl pkcs12 -nodes"
	case strings.Contains(plain, "begin%20"), strings.Contains(plain, "begin+"):
		return " It is encoded as in a URL: decode it"
	case len(blocks) == 0 && strings.Contains(plain, "begin"):
		return " Perhaps " + damagedLines
	}
	return ""
}

// otherBlocks are kinds of blocks that people give instead of the wanted one.
var otherBlocks = [][2]string{
	{"PKCS7", " It is PKCS #7: convert it with openssl pkcs7 -print_certs"},
	{"REQUEST", " It is a certificate request: want the certificate that the CA made of it"},
	{" CERTIFICATE", " It is a certificate in a form of OpenSSL: convert it with openssl x509"},
	{"PUBLIC", " It is the public key alone"},
}
