// Upgradecheck looks what the newest versions of the code generator, and of the
// modules that go with it, would change, and tells it. It runs in the root of the
// module and changes nothing there. It fails only where it cannot find out.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/originpull/originpull-go/internal/upgrade"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := upgrade.Check(ctx, ".")
	if err == nil {
		err = report.Write(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "upgrade-check:", err)
		os.Exit(1)
	}
}
