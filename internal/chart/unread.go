package chart

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
)

// UnreadFilter chooses unread items; zero fields choose all.
type UnreadFilter struct {
	Feed   string
	Code   string
	Ward   string
	Key    clinical.PatientKey
	Seq    uint64
	Aside  bool   // those set aside instead of the open ones
	Each   bool   // every message by itself, none standing for others
	Before uint64 // only items whose newest record is below, for the next page
	Limit  int    // 0 means 100
}

// alike names what makes unread items one for a reader, "" for an item that
// stands alone. Every message about a ward that the table lacks says the same,
// and one line in the table answers them all.
func (u *Unread) alike() string {
	if u.Code != interpret.UnknownWard {
		return ""
	}
	return strings.Join([]string{u.Feed, u.Code, u.Reason.DE, u.Segment}, "\x1f")
}

// openItems counts items, those that are alike as one.
const openItems = "count(CASE alike WHEN '' THEN 1 END)+count(DISTINCT nullif(alike,''))"

// openOf counts what is open, for the house and for each of its feeds.
func (v *View) openOf(h *House) error {
	err := v.conn.each(func(s *sqlite3.Stmt) bool {
		name, n := s.ColumnText(0), s.ColumnInt(1)
		h.Unread += n
		for i := range h.Feeds {
			if h.Feeds[i].Name == name {
				h.Feeds[i].Unread = uint64(n)
			}
		}
		return true
	}, "SELECT feed, "+openItems+" FROM unread WHERE aside=0 GROUP BY feed")
	if err != nil {
		return err
	}
	messages, err := v.conn.number("SELECT count(DISTINCT seq) FROM unread WHERE aside=0")
	h.Messages = int(messages)
	return err
}

// UnreadMessages returns how many messages the items that the filter finds are
// about.
func (v *View) UnreadMessages(ctx context.Context, f UnreadFilter) (_ int, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	cond, args := f.where()
	n, err := v.conn.number("SELECT count(DISTINCT seq) FROM unread WHERE "+cond, args...)
	return int(n), err
}

// Alike returns the messages of u's group: how many stand on the same side of
// the list, open or set aside, and the first and last of them. An item that
// stands alone is a group of one.
func (v *View) Alike(ctx context.Context, u Unread) (n int, first, last uint64, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	n, first, last = 1, u.Seq, u.Seq
	alike := u.alike()
	if alike == "" {
		return n, first, last, nil
	}
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		if found := s.ColumnInt(0); found > 0 {
			n, first, last = found, uint64(s.ColumnInt64(1)), uint64(s.ColumnInt64(2))
		}
		return false
	}, "SELECT count(DISTINCT seq), min(seq), max(seq) FROM unread WHERE aside=? AND alike=?", u.Aside, alike)
	return n, first, last, err
}

// Unread returns what could not be read, newest first, and how many items the
// filter finds in all. Items that are alike come as one: the newest, with how
// many it stands for.
func (v *View) Unread(ctx context.Context, f UnreadFilter) (_ []Unread, _ int, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	cond, args := f.where()
	count := openItems
	if f.Each {
		count = "count(*)"
	}
	total, err := v.conn.number("SELECT "+count+" FROM unread WHERE "+cond, args...)
	if err != nil {
		return nil, 0, err
	}
	list, alike, err := v.unreadPage(f, cond, args)
	if err != nil {
		return nil, 0, err
	}
	for i := range list {
		u := &list[i]
		if u.First = u.Seq; u.Count < 2 {
			continue
		}
		first, err := v.conn.number(fmt.Sprintf("SELECT min(seq) FROM unread WHERE %s AND alike=?%d", cond, len(args)+1), append(args[:len(args):len(args)], alike[i])...)
		if err != nil {
			return nil, 0, err
		}
		u.First = uint64(first)
	}
	return list, int(total), nil
}

// where is the filter as a condition and its arguments.
func (f *UnreadFilter) where() (string, []any) {
	where := []string{"aside=?1"}
	args := []any{f.Aside}
	add := func(column, value string) {
		if value != "" {
			args = append(args, value)
			where = append(where, fmt.Sprintf("%s=?%d", column, len(args)))
		}
	}
	add("feed", f.Feed)
	add("code", f.Code)
	add("ward", f.Ward)
	add("key", string(f.Key))
	if f.Seq != 0 {
		args = append(args, f.Seq)
		where = append(where, fmt.Sprintf("seq=?%d", len(args)))
	}
	return strings.Join(where, " AND "), args
}

// unreadPage returns one page of items and, for each, what it is alike in.
func (v *View) unreadPage(f UnreadFilter, cond string, args []any) (list []Unread, alike []string, err error) {
	before := ""
	if f.Before != 0 {
		args = append(args[:len(args):len(args)], f.Before)
		before = fmt.Sprintf("seq<?%d", len(args))
	}
	columns, tail := "max(seq), count(*)", " GROUP BY CASE alike WHEN '' THEN seq||'.'||n ELSE alike END"
	switch {
	case f.Each && before != "":
		columns, tail = "seq, 1", " AND "+before
	case f.Each:
		columns, tail = "seq, 1", ""
	case before != "":
		tail += " HAVING max(seq)" + strings.TrimPrefix(before, "seq")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	var bad error
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		var u Unread
		if _, bad = decode(v.c.codecs, v.c.codecs.unread, s.ColumnRawBlob(0), &u); bad != nil {
			return false
		}
		u.Aside, u.AsideBy, u.Count = s.ColumnBool(1), s.ColumnText(2), s.ColumnInt(5)
		u.AsideAt = fromNano(s.ColumnInt64(6), v.c.rules.zone)
		list, alike = append(list, u), append(alike, s.ColumnText(3))
		return true
	}, fmt.Sprintf("SELECT body, aside, by, alike, %s, at FROM unread WHERE %s%s ORDER BY 5 DESC, n LIMIT %d", columns, cond, tail, limit), args...)
	return list, alike, errors.Join(err, bad)
}
