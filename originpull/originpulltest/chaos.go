package originpulltest

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// chaosPercent of all requests go wrong under Chaos.
const chaosPercent = 5

// Chaos returns a rule that makes a few per cent of all requests fail, in ways in which
// the live API and the network can fail at any time. A client has to handle all of them.
// The same seed makes the same requests of a sequence fail in the same way.
func Chaos(seed uint64) Rule {
	return func(r Request) Fault {
		dice := rand.New(rand.NewPCG(seed, uint64(r.Number)))
		if dice.IntN(100) >= chaosPercent {
			return Fault{}
		}
		legal := legalFaults(r.Operation)
		return legal[dice.IntN(len(legal))]
	}
}

// legalFaults returns the faults that can happen to an operation.
func legalFaults(operation string) []Fault {
	all := []Fault{
		{Delay: 300 * time.Millisecond},
		{Reject: true},
		{Reject: true, Response: badGateway},
		{Reject: true, Response: &Response{Status: http.StatusServiceUnavailable}},
		{Reject: true, Response: throttled},
		{Reject: true, Disconnect: Drop},
		{Response: badGateway},
		{Disconnect: Drop},
		{Disconnect: Reset},
		{Disconnect: Truncate, TruncateAt: 20},
		{ByteDelay: 20 * time.Millisecond},
	}
	switch operation {
	case "UploadCertificate", "DeleteCertificate":
		all = append(all, Fault{Reject: true, Response: conflict}, Fault{TimeOut: true})
	}
	return all
}

var (
	badGateway = &Response{
		Status: http.StatusBadGateway,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>",
	}
	throttled = &Response{
		Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {"1"}},
		Body:   `{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}]}`,
	}
	conflict = &Response{
		Status: http.StatusConflict,
		Body:   `{"success":false,"errors":[{"message":"another change of this zone is in flight"}],"messages":[]}`,
	}
)
