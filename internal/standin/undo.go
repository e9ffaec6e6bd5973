package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/whole"
)

// undo makes each change one again, where it was followed: our document follows a
// stand-in that has none of them, and the lock forgets what was accepted of them.
// What the SDK has learnt of one by hand is not undone.
func undo(ctx context.Context) error {
	c, err := drift.LoadConfig(configFile)
	if err != nil {
		return err
	}
	without, err := parsed()
	if err != nil {
		return err
	}
	p, err := propose.Propose(ctx, without, c, time.Now(), []string{"all"})
	if err != nil {
		return err
	}
	if err := p.Apply(c, time.Now(), ""); err != nil {
		return err
	}
	if err := unmark(); err != nil {
		return err
	}
	if c, err = drift.LoadConfig(configFile); err != nil { // corrections can be gone
		return err
	}
	return forget(ctx, c)
}

// mark is what leaves word for a reviewer. What was followed and taken back needs
// none, and what else waits for one is not what the tests of the changes are about.
var mark = regexp.MustCompile(`(?m)^ *x-review: .*\n`)

func unmark() error {
	text, err := os.ReadFile(specFile)
	if err != nil {
		return err
	}
	return whole.Write(specFile, mark.ReplaceAll(text, nil))
}

// forget takes out of the lock what only the changes are accepted for.
func forget(ctx context.Context, c *drift.Config) error {
	lock, err := c.ReadLock()
	if err != nil {
		return err
	}
	plain, err := compare(ctx, c)
	if err != nil {
		return err
	}
	delete(lock.Versions, plain.Fingerprint)
	for _, change := range changes() {
		changed, err := compare(ctx, c, change)
		if err != nil {
			return err
		}
		delete(lock.Versions, changed.Fingerprint)
		for _, f := range changed.Accepted {
			if !slices.ContainsFunc(plain.Accepted, func(other drift.Finding) bool { return other.ID == f.ID }) {
				delete(lock.Findings, f.ID)
			}
		}
	}
	return c.WriteLock(lock)
}

func compare(ctx context.Context, c *drift.Config, changes ...string) (*drift.Report, error) {
	doc, err := parsed(changes...)
	if err != nil {
		return nil, err
	}
	return drift.Check(ctx, doc, c, time.Now())
}

// parsed is the stand-in with changes, which are taken out first where ours has
// them.
func parsed(changes ...string) (*drift.Document, error) {
	doc, err := ours()
	if err != nil {
		return nil, err
	}
	if err := takeOut(doc); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := write(&text, doc, changes); err != nil {
		return nil, err
	}
	return drift.Parse(text.Bytes())
}

// takeOut applies what there is something to do for of without.yaml.
func takeOut(doc *yaml.Node) error {
	o, err := load("without.yaml")
	if err != nil {
		return err
	}
	for i := range o.Actions() {
		err := o.ApplyAction(doc, i)
		var failed *overlay.ActionError
		if err != nil && (!errors.As(err, &failed) || failed.Reason != overlay.NoMatch) {
			return err
		}
	}
	return nil
}
