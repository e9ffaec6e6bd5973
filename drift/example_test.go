package drift_test

import (
	"context"
	"fmt"
	"log"

	"github.com/originpull/originpull-go/drift"
)

const books = `
openapi: 3.0.3
info: {title: Books, version: "1"}
paths:
  /books/{id}:
    get:
      operationId: book
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: A book.
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties: {id: {type: string}%s}
`

// Find out what a new version of a document means for programs that use the API.
func ExampleDiff() {
	before, err := drift.Parse(fmt.Appendf(nil, books, ", title: {type: string}")) // Read reads a file or a URL
	if err != nil {
		log.Fatal(err)
	}
	after, err := drift.Parse(fmt.Appendf(nil, books, ", pages: {type: integer}"))
	if err != nil {
		log.Fatal(err)
	}
	findings, err := drift.Diff(context.Background(), before, after, drift.Scope{Prefix: "/books"})
	if err != nil {
		log.Fatal(err)
	}
	for _, found := range findings {
		fmt.Println(found.Class, found.Meaning)
	}
	// Output:
	// breaking property removed
	// additive property added
}
