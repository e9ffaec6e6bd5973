package drift

import "errors"

func inStyle(e *editor) error    { return errors.New("later") }
func writtenOut(e *editor) error { return errors.New("later") }
