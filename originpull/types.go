package originpull

import "github.com/originpull/originpull-go/gen/api"

// The types of the API are the generated ones: what the document gains, users
// gain by regenerating.
type (
	// Certificate is a client certificate of a zone as the API returns it, with the
	// fields ID, Status, Certificate (PEM of the leaf), Issuer, Signature,
	// SerialNumber, ExpiresOn and UploadedOn; see [api.Certificate]. Compare it with
	// [KeyPair.Matches] or [ParseCertificate], never by its text.
	Certificate = api.Certificate

	// Status tells where a certificate is on its way; see [api.CertificateStatus].
	// The set is open: expect values that have no constant here.
	Status = api.CertificateStatus

	// Settings is the zone-level enablement, with the field Enabled; see
	// [api.Settings].
	Settings = api.Settings

	// Message is one error or remark of the API, with the fields Code, Message,
	// DocumentationURL, Source.Pointer and ErrorChain; see [api.Message].
	Message = api.Message

	// Code tells errors of the API apart; see [api.ErrorCode]. The set is open, and
	// 0 stands for a missing code.
	Code = api.ErrorCode
)
