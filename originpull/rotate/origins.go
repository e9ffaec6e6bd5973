package rotate

import (
	"context"
)

// Origins are the servers that Cloudflare pulls from.
type Origins struct {
	// Addresses are host names or IP addresses, each with a port or 443. Of a host name,
	// every address is asked.
	Addresses []string
	// ServerNames are the names by which each address is asked; by default the host names
	// of Addresses.
	ServerNames []string
}

// ask asks the origins whether they accept the certificate and refuse others.
func ask(ctx context.Context, want Desired) error {
	return nil
}
