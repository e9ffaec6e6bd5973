package originpulltest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"slices"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// certificate is an uploaded certificate. Its status is computed from the times below
// when a request asks for it, so nothing has to run in the background.
type certificate struct {
	shown   api.Certificate // status and uploaded_on are filled in by view
	pair    tls.Certificate
	content [sha256.Size]byte // of the DER, to recognise duplicates

	uploaded     time.Time
	revived      time.Time // re-uploaded after deletion: until then it is pending_deletion
	deployed     time.Time // when deployment ends
	deployFails  bool
	deleted      time.Time // when deletion ends; zero before a deletion
	deleteFails  bool
	listed       time.Time // when lists begin to show it
	forced       api.CertificateStatus
	deployNumber int // orders certificates that were deployed at the same time
}

// parseUpload checks an upload as the service does and returns the certificate, without
// any times.
func parseUpload(certificatePEM, keyPEM string) (*certificate, error) {
	block, _ := pem.Decode([]byte(certificatePEM))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errUnparsable
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errUnparsable
	}
	if leaf.IsCA {
		return nil, errNotLeaf
	}
	encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
	pair, err := tls.X509KeyPair(encoded, []byte(keyPEM))
	if err != nil {
		return nil, serviceFailure(400, 0, "private key cannot be parsed or does not match the certificate")
	}
	return newCertificate(pair, leaf), nil
}

func newCertificate(pair tls.Certificate, leaf *x509.Certificate) *certificate {
	pair.Leaf = leaf
	return &certificate{
		pair:    pair,
		content: sha256.Sum256(leaf.Raw),
		shown: api.Certificate{
			ID:           newUUID(),
			Certificate:  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})),
			Issuer:       issuerText(leaf.Issuer),
			Signature:    leaf.SignatureAlgorithm.String(),
			SerialNumber: leaf.SerialNumber.String(),
			ExpiresOn:    leaf.NotAfter.UTC(),
		},
	}
}

// issuerText returns a name as Go up to 1.26 prints it, which is what the live service
// sends: attributes without a short name are in hexadecimal. Go 1.27 prints their text.
func issuerText(name pkix.Name) string {
	name.Names = slices.Clone(name.Names)
	for i, attribute := range name.Names {
		text, ok := attribute.Value.(string)
		if !ok {
			continue
		}
		if der, err := asn1.Marshal(text); err == nil {
			name.Names[i].Value = asn1.RawValue{FullBytes: der}
		}
	}
	return name.String()
}

func (c *certificate) status(now time.Time) api.CertificateStatus {
	switch {
	case c.forced != "":
		return c.forced
	case !c.deleted.IsZero() && now.Before(c.deleted):
		return api.StatusPendingDeletion
	case !c.deleted.IsZero() && c.deleteFails:
		return api.StatusDeletionTimedOut
	case !c.deleted.IsZero():
		return api.StatusDeleted
	case now.Before(c.revived):
		return api.StatusPendingDeletion
	case now.Before(c.deployed):
		return api.StatusPendingDeployment
	case c.deployFails:
		return api.StatusDeploymentTimedOut
	}
	return api.StatusActive
}

// isListed reports whether lists show the certificate.
func (c *certificate) isListed(now time.Time) bool {
	return c.status(now) != api.StatusDeleted && !now.Before(c.listed)
}

// view returns the certificate as the API returns it.
func (c *certificate) view(now time.Time) api.Certificate {
	shown := c.shown
	shown.Status = c.status(now)
	shown.UploadedOn = c.uploaded.UTC().Truncate(time.Microsecond)
	return shown
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
