package originpulltest

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// chaosPercent of all requests go wrong under Chaos.
const chaosPercent = 5

// Chaos is a rule by which a few per cent of all requests fail in ways in which
// the live API and the network may fail at any time, so a client has to cope
// with every one. The same seed decides the same for the same sequence of
// requests.
func Chaos(seed uint64) Rule {
	return func(r Request) Fault {
		dice := rand.New(rand.NewPCG(seed, uint64(r.Number)))
		if dice.IntN(100) >= chaosPercent {
			return Fault{}
		}
		legal := mishaps(r.Operation)
		return legal[dice.IntN(len(legal))]
	}
}

// mishaps are the faults that may befall an operation.
func mishaps(operation string) []Fault {
	all := []Fault{
		{Delay: 300 * time.Millisecond},
		{Prevent: true},
		{Prevent: true, Answer: badGateway},
		{Prevent: true, Answer: &Answer{Status: http.StatusServiceUnavailable}},
		{Prevent: true, Answer: throttled},
		{Prevent: true, Ending: Lost},
		{Answer: badGateway},
		{Ending: Lost},
		{Ending: Reset},
		{Ending: Cut, Keep: 20},
		{Pace: 20 * time.Millisecond},
	}
	switch operation {
	case "UploadCertificate", "DeleteCertificate":
		all = append(all, Fault{Prevent: true, Answer: conflict}, Fault{TimeOut: true})
	}
	return all
}

var (
	badGateway = &Answer{
		Status: http.StatusBadGateway,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>",
	}
	throttled = &Answer{
		Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {"1"}},
		Body:   `{"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}]}`,
	}
	conflict = &Answer{
		Status: http.StatusConflict,
		Body:   `{"success":false,"errors":[{"message":"another change of this zone is in flight"}],"messages":[]}`,
	}
)
