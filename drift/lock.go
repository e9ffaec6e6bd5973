package drift

// Acceptance is the record that a finding was looked at.
type Acceptance struct{}
