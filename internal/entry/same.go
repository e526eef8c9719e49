package entry

// Same reports whether two fillings of a form say the same: numbers as numbers,
// times as times, so that 36,6 and 36.60 or 120/80 and 120 80 are the same.
// When it happened is not part of it.
func (f *Filled) Same(o *Filled) bool {
	if f.Kind != o.Kind {
		return false
	}
	for i := range f.Fields {
		name, kind := f.Fields[i].Name, f.Fields[i].Kind
		if (f.Text(name) == "") != (o.Text(name) == "") {
			return false
		}
		same := f.Text(name) == o.Text(name)
		switch kind {
		case Amount, Pressure:
			same = f.number[name] == o.number[name] && f.number[name+"/"] == o.number[name+"/"]
		case Moment:
			same = f.time[name].Equal(o.time[name])
		case Day:
			same = f.date[name] == o.date[name]
		case Line, Lines, Choice, Check:
		}
		if !same {
			return false
		}
	}
	return true
}
