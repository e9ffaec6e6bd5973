// Code generated from spec/openapi.yaml and overlays/go. DO NOT EDIT.

package originpull

import "github.com/originpull/originpull-go/gen/api"

// The statuses of a certificate.
const (
	StatusInitializing       = api.StatusInitializing       // received, and nothing else has happened yet
	StatusPendingDeployment  = api.StatusPendingDeployment  // being deployed to Cloudflare's edge
	StatusActive             = api.StatusActive             // deployed; presented to the origin if the zone's setting is enabled and no other certificate was deployed later
	StatusPendingDeletion    = api.StatusPendingDeletion    // being deleted; also returned for a moment after a deleted certificate is uploaded again
	StatusDeleted            = api.StatusDeleted            // deleted; still readable by its id, and not listed
	StatusDeploymentTimedOut = api.StatusDeploymentTimedOut // the deployment did not finish
	StatusDeletionTimedOut   = api.StatusDeletionTimedOut   // the deletion did not finish
)

// The codes of the API's errors, which [Error.Codes] returns. To branch on an error,
// [errors.Is] with the errors of this package is the shorter way.
const (
	CodeThrottled             = api.CodeThrottled             // 971: rate limited
	CodeCertificateIDRequired = api.CodeCertificateIDRequired // 1404: a hostname association names no certificate
	CodeCertificateExists     = api.CodeCertificateExists     // 1406: the zone has this certificate already
	CodeCertificateUnparsable = api.CodeCertificateUnparsable // 1408: the certificate cannot be parsed
	CodeNotLeaf               = api.CodeNotLeaf               // 1412: the certificate is a CA, not a leaf
	CodePendingDeletion       = api.CodePendingDeletion       // 1414: the certificate of a hostname is being deleted
	CodeCertificateIDInvalid  = api.CodeCertificateIDInvalid  // 1415: no certificate of a hostname has that id, or it is deleted
	CodeCertificateInUse      = api.CodeCertificateInUse      // 1433: a hostname uses the certificate
	CodePendingDeployment     = api.CodePendingDeployment     // 1434: the certificate is still being deployed
	CodeNotFound              = api.CodeNotFound              // 1551: no such certificate, in response to a get
	CodeCertificateNotFound   = api.CodeCertificateNotFound   // 1552: no such certificate, in response to a get or a deletion
	CodeAssociationNotFound   = api.CodeAssociationNotFound   // 1553: the hostname has no association
	CodeInvalidHeaders        = api.CodeInvalidHeaders        // 6003: a request header is malformed
	CodeMalformedEmail        = api.CodeMalformedEmail        // 6102: the email is malformed (in the error chain of 6003)
	CodeMalformedKey          = api.CodeMalformedKey          // 6103: the API key is malformed (in the error chain of 6003)
	CodeMalformedToken        = api.CodeMalformedToken        // 6111: the token is malformed (in the error chain of 6003)
	CodeNoRoute               = api.CodeNoRoute               // 7000: no such path
	CodeMalformedID           = api.CodeMalformedID           // 7003: an id in the path is malformed
	CodeUnknownKey            = api.CodeUnknownKey            // 9103: unknown email or key
	CodeNoCredentials         = api.CodeNoCredentials         // 9106: no credentials
	CodeNoAccess              = api.CodeNoAccess              // 9109: the token was revoked, or has no access to the object
	CodeDenied                = api.CodeDenied                // 10000: the token was rejected or lacks the permission
	CodeCannotAuthenticate    = api.CodeCannotAuthenticate    // 10001: the token cannot be used, or cannot be used yet
	CodeMethodNotAllowed      = api.CodeMethodNotAllowed      // 10405: wrong method
	CodeRateLimited           = api.CodeRateLimited           // 10429: rate limited
	CodeTooManyFailures       = api.CodeTooManyFailures       // 10502: too many bad credentials
)

// isKnown reports whether the document names the code.
func isKnown(code Code) bool {
	switch code {
	case CodeThrottled,
		CodeCertificateIDRequired,
		CodeCertificateExists,
		CodeCertificateUnparsable,
		CodeNotLeaf,
		CodePendingDeletion,
		CodeCertificateIDInvalid,
		CodeCertificateInUse,
		CodePendingDeployment,
		CodeNotFound,
		CodeCertificateNotFound,
		CodeAssociationNotFound,
		CodeInvalidHeaders,
		CodeMalformedEmail,
		CodeMalformedKey,
		CodeMalformedToken,
		CodeNoRoute,
		CodeMalformedID,
		CodeUnknownKey,
		CodeNoCredentials,
		CodeNoAccess,
		CodeDenied,
		CodeCannotAuthenticate,
		CodeMethodNotAllowed,
		CodeRateLimited,
		CodeTooManyFailures:
		return true
	}
	return false
}
