package entry

import "slices"

// forms is every form, in the order people are offered them.
var forms = slices.Concat([]*Form{vitals}, Admissions(), Movements())
