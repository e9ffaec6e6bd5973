// Package network recognises what commands print if they cannot reach the network.
package network

import "regexp"

// unreachable matches a line of the go command about a module that it cannot download,
// at its begin or at an import, or a line of npm about a package.
var unreachable = regexp.MustCompile(`(?m)^(go: |\S+\.go:\d+:\d+: ).*(dial tcp|no such host|connection refused|i/o timeout|module lookup disabled|reading https?://)` +
	`|^npm (error|ERR!) code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\s*$`)

// Unreachable reports whether the output of a failed command says that it could not
// download a module or a package. The output of tests and of other programs, which can
// hold the same words, does not count.
func Unreachable(output []byte) bool { return unreachable.Match(output) }
