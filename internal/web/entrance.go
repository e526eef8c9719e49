package web

import "notbetrieb/internal/lang"

// signinPage asks who is there.
type signinPage struct {
	Frame
	ID       string
	Back     string
	Problems []problem
	Hint     lang.Text // of the demonstration
	Carried  *carried  // what was typed before the sign-in ended, nil for nothing
}

// passwordPage changes the own password.
type passwordPage struct {
	Frame
	Must     bool
	Problems []problem
}

// glassPage asks for the reason before patient data is shown outside a declared
// outage or outside the own wards.
type glassPage struct {
	Frame
	Why      lang.Text
	Back     string
	Ward     string
	Patient  string
	Reason   string
	Carried  *carried // a form that was sent and is not stored
	Problems []problem
}

// errorPage says what happened, what is safe and what to do.
type errorPage struct {
	Frame
	Code  int
	Say   lang.Text
	Back  string
	Typed []typedText // what was sent and is not stored
	Again *carried    // sent once more by a button, nil where that is no use
}

var (
	signinPageT   = parse[signinPage]("signin")
	passwordPageT = parse[passwordPage]("password")
	glassPageT    = parse[glassPage]("glass")
	errorPageT    = parse[errorPage]("error")
)

func newSigninPage(f Frame, id, back string, problems []problem, hint lang.Text) signinPage {
	return signinPage{Frame: f.titled("signin", lang.Text{DE: "Anmelden", EN: "Sign in"}), ID: id, Back: back, Problems: problems, Hint: hint}
}

func newPasswordPage(f Frame, must bool, problems []problem) passwordPage {
	return passwordPage{Frame: f.titled("password", lang.Text{DE: "Passwort ändern", EN: "Change password"}), Must: must, Problems: problems}
}

func newErrorPage(f Frame, code int, say lang.Text, back string) errorPage {
	return errorPage{Frame: f.titled("error", lang.Text{DE: "Das ging nicht", EN: "That did not work"}), Code: code, Say: say, Back: back}
}
