package contract_test

import (
	"context"
	"fmt"
	"log"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Check whether a stub of yours behaves as the API does; here it is the simulator. Only
// keeps the example short.
func ExampleRun() {
	stub := originpulltest.New(originpulltest.Options{DeployDelay: -1, DeleteDelay: -1})
	defer stub.Close()
	report := contract.Run(context.Background(), contract.Target{
		Name: "my stub", BaseURL: stub.URL(), Transport: stub.Transport(), Token: stub.Token(), ZoneID: stub.ZoneID(),
		Capabilities: []contract.Capability{contract.Stateful, contract.OwnZone},
		Only:         func(c contract.Case) bool { return c.Name == "list" },
	})
	if err := report.Err(); err != nil {
		log.Fatal(err)
	}
	for _, result := range report.Results {
		fmt.Println(result.Case, result.Outcome)
	}
	// Output:
	// list passed
}
