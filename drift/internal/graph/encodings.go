package graph

import (
	"slices"
	"strconv"
	"strings"
)

const (
	mediaWord    = "media "
	encodingWord = "encoding "
	formMedia    = "application/x-www-form-urlencoded"
)

// plainEncodings makes equal what says nothing of how a part of a form is sent: what
// holds without it, and what has no meaning for the media type of the form.
func (g *Graph) plainEncodings() {
	for _, holder := range g.Vertices {
		for _, e := range holder.Edges {
			if name, ok := strings.CutPrefix(e.Label, mediaWord); ok {
				g.plainParts(e.To, name)
			}
		}
	}
}

func (g *Graph) plainParts(media *Vertex, name string) {
	schema := media.linked("schema")
	media.Edges = slices.DeleteFunc(media.Edges, func(e Edge) bool {
		property, ok := strings.CutPrefix(e.Label, encodingWord)
		if !ok {
			return false
		}
		part := schema.linked(propertyWord + property)
		style := e.To.Fact("style")
		exploded := strconv.FormatBool(style.Values[0] == "form")
		e.To.Facts = slices.DeleteFunc(slices.Clone(e.To.Facts), func(f Fact) bool {
			switch {
			case f.Name == "contentType":
				return part != nil && f.Values[0] == part.contentType()
			case f.Name == "explode" && len(style.at) > 0 && (f.Values[0] == exploded || style.Values[0] == "deepObject"):
				return true // the style says it
			}
			return g.saysNoStyle(f, part, name, exploded)
		})
		return len(e.To.Facts)+len(e.To.Edges) == 0
	})
}

// saysNoStyle reports whether a fact on the style of a part says nothing, where its style
// has this explode if none is said.
func (g *Graph) saysNoStyle(f Fact, part *Vertex, media, explode string) bool {
	said := len(f.at) > 0
	if strings.HasPrefix(g.Version, "3.0.") {
		if media != formMedia { // where it has no meaning
			return true
		}
	} else {
		if !said || media != formMedia && media != "multipart/form-data" {
			return true
		}
		// Where it is said, it holds instead of the content type, which for a list
		// or an object is another way of sending it.
		if part == nil || part.possibleTypes()&(arrayType|objectType) != 0 || media != formMedia {
			return false
		}
	}
	scalar := part != nil && part.possibleTypes()&(arrayType|objectType) == 0
	switch f.Name {
	case "style":
		return f.Values[0] == "form"
	case "explode":
		return f.Values[0] == explode || scalar
	default: // allowReserved
		return part != nil && part.possibleTypes()&(arrayType|objectType|StringType) == 0
	}
}

// contentType returns the content type of a part of which none is said, "" if it depends
// on the value.
func (v *Vertex) contentType() string {
	if v.Fact("contentEncoding") != nil || slices.Contains([]string{"binary", "base64"}, v.Value("format")) {
		return "application/octet-stream"
	}
	types := v.possibleTypes() &^ NullType
	switch {
	case types == objectType:
		return "application/json"
	case types == arrayType:
		if items := v.linked("items"); items != nil && items.possibleTypes()&arrayType == 0 {
			return items.contentType()
		}
	case types&(arrayType|objectType) == 0:
		return "text/plain"
	}
	return ""
}

// linked returns what stands under a label, in whatever order the edges are.
func (v *Vertex) linked(label string) *Vertex {
	if i := slices.IndexFunc(v.Edges, func(e Edge) bool { return e.Label == label }); i >= 0 {
		return v.Edges[i].To
	}
	return nil
}
