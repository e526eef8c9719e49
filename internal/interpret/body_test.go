package interpret

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
)

func TestAnEmbeddedDocumentComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0, 0xFF, 0xFE, '|', '^', 251}, 100)...)
	b64 := base64.StdEncoding.EncodeToString(pdf)
	s := germanSite(t)
	for name, obx5 := range map[string]string{
		"by the book":      "APP^application^pdf^Base64^" + b64,
		"without sender":   "^application^pdf^Base64^" + b64,
		"shifted":          "application^pdf^Base64^" + b64,
		"only data":        b64,
		"PDF and data":     "PDF^" + b64,
		"escaped breaks":   "^application^pdf^Base64^" + b64[:76] + `\.br\` + b64[76:152] + `\X0D0A\` + b64[152:],
		"line feeds":       "^application^pdf^Base64^" + b64[:76] + "\n" + b64[76:],
		"URL alphabet":     "^application^pdf^Base64^" + base64.RawURLEncoding.EncodeToString(pdf),
		"wrong media type": "^TEXT^octet-stream^Base64^" + b64,
	} {
		for _, feed := range []string{"kis", "alt"} {
			rec := record(feed, "MSH|^~\\&|||||20261103||ORU^R01|1|P|2.5\rPID|||4711||Bäcker\rOBR|1|A|F|B^Brief\rOBX|1|ED|X||"+obx5+"||||||F")
			r := s.Record(rec)
			var doc clinical.Document
			for _, c := range r.Changes {
				if d, ok := c.What.(clinical.Document); ok {
					doc = d
				}
			}
			if doc.Media != "application/pdf" || doc.Body.Size != len(pdf) && !strings.Contains(obx5, `\`) {
				t.Errorf("%s: media %s, size %d of %d", name, doc.Media, doc.Body.Size, len(pdf))
			}
			got, err := s.Body(rec, doc.Body)
			if err != nil || !bytes.Equal(got, pdf) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		}
	}
}

func TestABodyThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	rec := record("kis", "MSH|^~\\&|||||20261103||ORU^R01|1|P|2.5\rPID|||4711\rOBX|1|ED|X||^application^pdf^Base64^%%%")
	for _, ref := range []clinical.BodyRef{
		{}, {Segment: 99, Field: 5, Rep: 1}, {Segment: 2, Field: 5, Rep: 9}, {Segment: -1, Field: -1, Rep: -1}, {Segment: 2, Field: 5, Rep: 1, URL: "x"},
	} {
		if _, err := s.Body(rec, ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%+v: %v", ref, err)
		}
	}
	if _, err := s.Body(record("kis", "nichts"), clinical.BodyRef{Field: 5, Rep: 1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no message: %v", err)
	}
}
