package main

import (
	"maps"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// permissions are the permissions of a token by the values of --permission.
var permissions = map[string][]string{
	"read":  {originpulltest.PermissionRead, originpulltest.PermissionSettingsRead, originpulltest.PermissionZoneRead},
	"write": nil, // all
}

var zoneID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// check returns the error of the first flag with a value that cannot be. The function
// given reports whether a flag was given.
func (f *serveFlags) check(given func(string) bool) error {
	for _, delay := range []struct {
		flag string
		time.Duration
	}{{"change-takes", f.changeTakes}, {"deploy-delay", f.deployDelay}, {"delete-delay", f.deleteDelay}, {"list-lag", f.listLag}} {
		if delay.Duration < 0 {
			return cli.Usage("--%s %s: want 0 or more, such as 500ms", delay.flag, delay.Duration)
		}
	}
	_, known := permissions[f.permission]
	switch {
	case !isAddress(f.addr):
		return cli.Usage("--addr %q: want host:port with a port from 0 to 65535, such as 127.0.0.1:8787", f.addr)
	case given("token") && f.token == "":
		return cli.Usage("--token is empty: no client can send that; leave it out to accept any token")
	case strings.TrimSpace(f.token) != f.token || strings.ContainsFunc(f.token, unicode.IsControl):
		return cli.Usage("--token: no client can send it in a header: want no control characters and no space around it")
	case !known:
		return cli.Usage("--permission %q: want read or write", f.permission)
	case given("zone") && !zoneID.MatchString(f.zone):
		return cli.Usage("--zone %q: want a zone id, which is 32 hexadecimal digits", f.zone)
	case given("certificate") && !given("zone"):
		return cli.Usage("--certificate needs --zone, the id of the zone that has it")
	case f.rateLimit == 0:
		return cli.Usage("--rate-limit 0: want 1 or more requests in five minutes, or -1 for no limit")
	case given("tls-ca") && !f.tls:
		return cli.Usage("--tls-ca needs --tls")
	case given("tls-ca"):
		return checkCAFile(f.caFile)
	}
	return nil
}

// isAddress reports whether one can try to listen on addr. An empty host is all interfaces.
func isAddress(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// options returns the simulator's options. The flags have been checked.
func (f *serveFlags) options() originpulltest.Options {
	options := originpulltest.Options{
		Token:          f.token,
		AnyToken:       f.token == "",
		AnyZone:        f.zone == "",
		Grant:          originpulltest.Grant{Permissions: permissions[f.permission]},
		ChangeDuration: f.changeTakes,
		DeployDelay:    orNone(f.deployDelay),
		DeleteDelay:    orNone(f.deleteDelay),
		ListLag:        f.listLag,
		RateLimit:      f.rateLimit,
		Faults:         f.rule(),
	}
	if f.zone != "" {
		options.Grant.Zones = []string{f.zone} // the simulator has another one, always
	}
	return options
}

// orNone returns what the options want for a delay: 0 would be their default.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// rule returns what goes wrong with the requests, nil for nothing.
func (f *serveFlags) rule() originpulltest.Rule {
	if !f.chaotic && !f.deprecated && !f.deploymentBad {
		return nil
	}
	chaos := originpulltest.Always(originpulltest.Fault{})
	if f.chaotic {
		chaos = originpulltest.Chaos(f.chaos)
	}
	now := time.Now()
	announced := http.Header{
		"Deprecation": {"@" + strconv.FormatInt(now.Unix(), 10)},
		"Sunset":      {now.AddDate(1, 0, 0).UTC().Format(http.TimeFormat)},
	}
	return func(r originpulltest.Request) originpulltest.Fault {
		fault := chaos(r)
		if f.deploymentBad && r.Operation == "UploadCertificate" {
			fault.TimeOut = true
		}
		if f.deprecated && r.Operation != "" {
			response := originpulltest.Response{Header: http.Header{}}
			if fault.Response != nil {
				response = *fault.Response
				response.Header = maps.Clone(response.Header)
				if response.Header == nil {
					response.Header = http.Header{}
				}
			}
			maps.Copy(response.Header, announced)
			fault.Response = &response
		}
		return fault
	}
}
