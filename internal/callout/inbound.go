package callout

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/journal"
)

// called is somebody on a call-out.
type called struct {
	c *Callout
	x Person
}

// Inbound takes an SMS that came back, and says for how many people it was kept.
// It counts if it holds the answer code of somebody. One without a code that
// comes from the number of people who are being called is kept as [ByNumber]. Words
// that are not understood are kept for a person to read and promise nothing.
func (b *Book) Inbound(ctx context.Context, id, from, text string) (int, error) {
	said, unclear := readSMS(text), strays(text)
	var found []called
	via := ByNumber
	if c, x, ok := b.Coded(said.code); ok {
		found, via = append(found, called{c, x}), BySMS
	} else if said.word != "" || unclear {
		found = b.numbered(from)
	}
	key := journal.KeyOf("sms", id, []byte(text)).String() // a modem may number by slot
	for _, f := range found {
		r := Reply{Word: said.word, Minutes: said.minutes, Via: via}
		switch {
		case f.c.Ask == Read && r.Word != Cannot && (r.Word != "" || said.code != ""):
			r.Word = Knows
		case r.Word != "":
		case unclear:
			r.Word = Said
		default:
			r.Word = Coming // the code alone, as the text asks for
		}
		if unclear {
			if said.code != "" {
				text = strings.ReplaceAll(text, said.code, " ")
			}
			r.Note = clip(text, maxTitle)
		}
		if err := b.Answer(ctx, Act{Key: key}, f.c.ID, f.x.ID, r); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// numbered are those who are being called on the number and have not answered;
// if there are none, the one who answered last and may have changed their mind;
// if there is none, whoever was called last and does not know that it is over.
func (b *Book) numbered(from string) []called {
	number, ok := way.Number(from, b.o.Country)
	if !ok {
		return nil
	}
	var waits, answered, late []called
	now := b.o.Now()
	b.each(func(c *Callout, _ Post, x Person) bool {
		if x.Since.IsZero() || !slices.ContainsFunc(x.Ways, func(w Way) bool { return w.Kind == estate.Mobile && w.To == number }) {
			return true
		}
		_, has := x.Answered()
		switch {
		case c.Ended.Done():
			if !c.Rests(now) && (len(late) == 0 || late[0].c.ID == c.ID) {
				late = append(late, called{c, x})
			}
		case !has:
			waits = append(waits, called{c, x})
		case !c.Rests(now) && (len(answered) == 0 || answered[0].c.ID == c.ID):
			answered = append(answered, called{c, x})
		}
		return true
	})
	for _, found := range [][]called{waits, answered, late} {
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// clip is a text on one line of at most n characters.
func clip(s string, n int) string {
	s = clean(s)
	if r := []rune(s); len(r) > n {
		s = string(r[:n-1]) + "…"
	}
	return s
}

// sms is what an SMS says.
type sms struct {
	code    string
	word    Word // "" for nothing said but the code
	minutes int
}

var (
	smsHalves = regexp.MustCompile(`\b(\d{3})[ .-](\d{3})\b`) // a code as it is read aloud
	smsTime   = regexp.MustCompile(`\b(?:um|gegen|at)\s+\d{1,2}\b(?:\s*[:.]\s*\d{2}\b)?|\b\d{1,2}\s*[:.]\s*\d{2}\b|\b\d{1,2}\s*uhr\b`)
	smsUnit   = regexp.MustCompile(`(\d)([a-z])`)
)

// smsWords are the words of an SMS in small letters, without times of day: they
// are no minutes.
func smsWords(text string) []string {
	text = smsHalves.ReplaceAllString(strings.ToLower(text), "$1$2")
	text = smsUnit.ReplaceAllString(smsTime.ReplaceAllString(text, " "), "$1 $2")
	return strings.FieldsFunc(text, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127) })
}

// smsNo, smsYes and smsHours are words that people answer with; smsBeside says
// nothing by itself.
var (
	smsNo     = []string{"nein", "no", "n", "nicht", "not", "kein", "keine", "leider", "cannot", "unmöglich"}
	smsYes    = []string{"ja", "yes", "j", "y", "komme", "coming", "ok", "unterwegs"}
	smsHours  = []string{"h", "std", "stunde", "stunden", "hour", "hours"}
	smsBeside = []string{"code", "in", "min", "mins", "minute", "minuten", "minutes", "ca", "etwa", "uhr"}
)

// readSMS reads an answer as people type it: the code, "ja", "nein", minutes.
func readSMS(text string) sms {
	var out sms
	words := smsWords(text)
	for i, w := range words {
		digits := strings.Trim(w, "0123456789") == ""
		switch {
		case slices.Contains(smsNo, w):
			out.word = Cannot
		case slices.Contains(smsYes, w):
			if out.word == "" {
				out.word = Coming
			}
		case digits && len(w) == 6 && out.code == "":
			out.code = w
		case digits && len(w) <= 3 && out.minutes == 0:
			out.minutes, _ = strconv.Atoi(w) // of up to three digits: never fails
			if i+1 < len(words) && slices.Contains(smsHours, words[i+1]) {
				out.minutes *= 60
			}
			if out.minutes > maxMinutes {
				out.minutes = 0
			}
		}
	}
	return out
}

// strays reports whether an SMS holds words that readSMS does not understand.
func strays(text string) bool {
	return slices.ContainsFunc(smsWords(text), func(w string) bool {
		return strings.Trim(w, "0123456789") != "" && !slices.Contains(slices.Concat(smsNo, smsYes, smsHours, smsBeside), w)
	})
}
