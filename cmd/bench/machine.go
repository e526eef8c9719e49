package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is what the numbers were measured on. It holds no name of a host and
// no path.
type machine struct {
	cpu      string
	cores    int
	memory   uint64 // bytes
	kernel   string
	disk     string
	load     string // the one-minute load before the run
	when     time.Time
	volatile bool // the folder lies in memory
}

func describe(dir string) machine {
	m := machine{
		cpu: procField("/proc/cpuinfo", "model name"), cores: runtime.NumCPU(),
		kernel: firstWord("/proc/sys/kernel/osrelease"), load: firstWord("/proc/loadavg"), when: time.Now(),
	}
	if kb, err := strconv.ParseUint(strings.TrimSuffix(procField("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		m.memory = kb << 10
	}
	m.disk, m.volatile = diskOf(dir)
	return m
}

func (m machine) sentence() string {
	var parts []string
	add := func(format string, v any, known bool) {
		if known {
			parts = append(parts, fmt.Sprintf(format, v))
		}
	}
	add("%s", m.cpu, m.cpu != "")
	add("%d cores", m.cores, true)
	add("%.0f GiB memory", float64(m.memory)/(1<<30), m.memory > 0)
	add("%s", runtime.GOOS+" "+m.kernel, true)
	add("disk %s", m.disk, m.disk != "")
	add("%s", runtime.Version(), true)
	add("load before the run %s", m.load, m.load != "")
	return "Machine: " + strings.Join(parts, ", ") + "; " + m.when.Format("2 January 2006") + "."
}

// procField returns the first value of a "name : value" file, "" without one.
func procField(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		k, v, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func firstWord(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if f := strings.Fields(string(b)); len(f) > 0 {
		return f[0]
	}
	return ""
}

// memoryOf reads VmRSS or VmHWM of this process in bytes; 0 where the system
// does not tell.
func memoryOf(name string) uint64 {
	kb, err := strconv.ParseUint(strings.TrimSuffix(procField("/proc/self/status", name), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
