package demo

type vitals struct{}
type prescription struct{}

func (w *world) rhythm(s *stay)                                    {}
func (w *world) prescribe(s *stay)                                 {}
func (w *world) stopAll(s *stay)                                   {}
func (w *world) cultures(s *stay)                                  {}
func (w *world) operate(s *stay)                                   {}
func (w *world) birth(s *stay, early bool)                         {}
func (w *world) examine(s *stay, e int, at int64, priority string) {}
func (w *world) letter(s *stay)                                    {}
func (w *world) bill(s *stay)                                      {}
func (w *world) planClinics()                                      {}
func (w *world) planOddities()                                     {}
func (w *world) takeBack(s *stay)                                  {}
func (w *world) mistakenAdmission(s *stay)                         {}
func (w *world) scheduleChanges(s *stay)                           {}
