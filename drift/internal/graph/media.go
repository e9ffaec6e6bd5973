package graph

import (
	"mime"
	"regexp"
	"slices"
	"strings"
)

// plainValue is what a parameter of a media type says the same of with quotes and
// without.
var plainValue = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// CanonicalMedia spells a media type one way: by RFC 9110 case means nothing but in the
// values of parameters, nor do quotes and the order of parameters. Of a charset the
// case means nothing either.
func CanonicalMedia(name string) string {
	media, parameters, err := mime.ParseMediaType(name)
	if err != nil { // or not as the RFC has it
		name, rest, ok := strings.Cut(strings.ToLower(name), ";")
		if !ok {
			return strings.TrimSpace(name)
		}
		return strings.TrimSpace(name) + "; " + strings.TrimSpace(rest)
	}
	return spellMedia(media, parameters)
}

func spellMedia(media string, parameters map[string]string) string {
	var list []string
	for key, value := range parameters {
		switch {
		case key == "charset":
			value = strings.ToLower(value)
		case !plainValue.MatchString(value):
			value = `"` + quotedEscaper.Replace(value) + `"`
		}
		list = append(list, key+"="+value)
	}
	slices.Sort(list)
	return strings.Join(append([]string{media}, list...), "; ")
}

var quotedEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// wireMedia is CanonicalMedia without what means nothing: JSON has one charset.
func wireMedia(name string) string {
	media, parameters, err := mime.ParseMediaType(name)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return CanonicalMedia(name)
	}
	delete(parameters, "charset")
	return spellMedia(media, parameters)
}

// contentTypes spells each media type of a list one way.
func contentTypes(list string) []string {
	if strings.Contains(list, `"`) { // there may be a comma in it
		return []string{wireMedia(list)}
	}
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		out = append(out, wireMedia(name))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
