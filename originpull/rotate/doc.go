// Package rotate makes a certificate the live one of a zone: it uploads it, waits until it is
// deployed, deletes those that it replaces, and enables the zone. It can be interrupted at any
// point, and run again, on any machine: all state is in the zone.
//
//	pair, err := originpull.LoadKeyPair("client.pem", "client.key")
//	result, err := rotate.Ensure(ctx, zone, pair)
//
// [Ensure] does that with the usual choices, and [Reconcile] with others. Both change nothing
// and cost two requests if all holds already, so a timer or a cron job can run them often.
//
// # What a run does
//
// A run looks at the zone, makes at most one change, and looks again, until nothing is left to
// do. [Plan] is the function that decides, and [Preview] shows what it would do. With
// [Desired].RenewBefore nothing is to do while the live certificate is valid for long enough.
//
//  1. The origins are asked whether they accept the certificate, if [Desired].Origins names
//     them. A new certificate is presented from the moment it is deployed, so this comes first.
//  2. The certificate is uploaded, unless the zone has it.
//  3. The run waits until it is active and the list shows it.
//  4. [Desired].Prove is called.
//  5. The certificates that were uploaded before are deleted, once [Desired].Grace is over.
//  6. The zone is enabled.
//
// # What never happens
//
//   - A certificate is deleted only if it was uploaded before one that was active in the same
//     list, and that list is at most five seconds old. The newest is never deleted.
//   - If the desired certificate is not the newest, nothing is changed, and the error is
//     [ErrSuperseded]; unless [Named] or [All] says that it may replace newer ones. Then the
//     desired one is deleted and uploaded again, while the newer one is presented.
//   - So two runs with different desires end with the certificate that was uploaded last. Two
//     schedules with different desires replace each other's certificate each time; see
//     [Result].Superseded.
//   - A certificate whose time of upload cannot be read is deleted only if it is named.
//
// What no program outside Cloudflare can prevent: another program uploads a certificate that
// the origin does not trust, and it is deployed last. And a deletion that was delayed for long
// on its way, beyond the connection of the client, hits a certificate that was uploaded again
// in the meantime, since it has its old id.
package rotate
