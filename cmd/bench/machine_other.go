//go:build !linux

package main

import "time"

func diskOf(string) (string, bool) { return "", false }

func forget(string) {}

func processorTime() time.Duration { return 0 }
