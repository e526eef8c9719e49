package main

import (
	"context"
	"io"
)

func screen(ctx context.Context, b *bench) error           { return nil }
func pages(ctx context.Context, b *bench) error            { return nil }
func packs(ctx context.Context, b *bench) error            { return nil }
func paceChild(context.Context, []string, io.Writer) error { return nil }
