package originpull

import "github.com/originpull/originpull-go/gen/api"

// The types of the API are the generated ones.
type (
	// Certificate is a client certificate of a zone, as the API returns it:
	//
	//	ID           string    // UUID, unique within the zone
	//	Status       Status    // StatusActive and others
	//	Certificate  string    // the leaf certificate in PEM
	//	Issuer       string    // distinguished name of the issuer
	//	Signature    string    // algorithm, such as ECDSA-SHA256
	//	SerialNumber string    // decimal
	//	ExpiresOn    time.Time // end of the validity
	//	UploadedOn   time.Time // time of the upload
	//
	// The API encodes the PEM again. So compare certificates with [KeyPair.Matches], or
	// with [ParseCertificate] and Equal, never by their text.
	Certificate = api.Certificate

	// Status is the status of a certificate, a string. The set is open: expect values
	// that have no constant here.
	Status = api.CertificateStatus

	// Settings is the zone-level enablement:
	//
	//	Enabled bool // whether the zone's certificate is presented to the origin
	Settings = api.Settings

	// Message is one error or remark of the API:
	//
	//	Code             Code           // what kind of error; 0 if missing
	//	DocumentationURL string         // a page about the error
	//	ErrorChain       []ChainedError // details, outermost first
	//	Message          string         // text for people; its wording changes
	//	Source           MessageSource  // the part of the request that is wrong
	Message = api.Message

	// ChainedError is one detail of a [Message]:
	//
	//	Code    Code   // what kind of error; 0 if missing
	//	Message string // text for people
	ChainedError = api.ChainedError

	// MessageSource is the part of a request that a [Message] is about:
	//
	//	Pointer string // JSON pointer into the request's body
	MessageSource = api.MessageSource

	// Code is the number of an error of the API, an integer. The set is open: expect
	// values that have no constant here. 0 stands for a missing code.
	Code = api.ErrorCode
)
