package entry

// forms is every form, in the order people are offered them.
var forms = []*Form{
	vitals, fluids, careNote, handover, alert, gcs, braden, besd,
	note, diagnosis, procedure, allergy, resuscitation, consent, Person,
	orderRadiology, orderEndoscopy, orderConsult, orderTransport, orderDiet, drugRequest,
}

// shown is the forms that have a page of their own: their fields are what a
// reader of the entry sees.
var shown = []*Form{
	Known, New, Unidentified, Birth, Move, Leave, Return, Depart, Death, Same,
	prescriptionForm, standingForm, contestForm, doseForm,
	SpecimenArrived, TakenNote, Finding,
	Reviewing, Dispensing, RemarkNoted, RequestAnswered,
	sheetForm,
}
