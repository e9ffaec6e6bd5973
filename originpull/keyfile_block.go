//go:build !unix && !windows

package originpull

// nonBlocking is nothing where there are no named pipes.
const nonBlocking = 0
