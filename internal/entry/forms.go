package entry

// forms is every form, in the order people are offered them.
var forms = []*Form{vitals}
