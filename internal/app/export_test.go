package app

import "context"

// RetainBy is Retain; before is told each step, and its error ends the run.
func (h *Hub) RetainBy(ctx context.Context, before func(step string) error) error {
	return h.retain(ctx, before)
}
