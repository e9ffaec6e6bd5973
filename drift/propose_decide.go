package drift

import "fmt"

func decision(f Finding) string {
	return fmt.Sprintf("Follow it with --follow %s, correct theirs by an overlay, or accept it.", f.ID)
}
