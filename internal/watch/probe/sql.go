package probe

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	ora "github.com/sijms/go-ora/v2"
	"github.com/sijms/go-ora/v2/network"
)

// This file is the probes of databases. Each signs in, asks for the number one
// and leaves.

func database(target string) error {
	addr, name, ok := strings.Cut(target, "/")
	if !ok || name == "" || strings.ContainsAny(name, "/?&= ") {
		return invalid("Das Ziel ist Rechner, Port und Datenbank: 10.20.0.9:5432/kis.", "The target is host, port and database: 10.20.0.9:5432/kis.")
	}
	return hostPort(addr)
}

// place is a target taken apart.
func (s Spec) place() (host string, port int, name string) {
	addr, name, _ := strings.Cut(s.Target, "/")
	host, p, _ := net.SplitHostPort(addr)
	port, _ = strconv.Atoi(p)
	return host, port, name
}

func answered() Result { return good("Die Datenbank antwortet.", "The database answers.") }

func refused() Result {
	return weak("Die Datenbank antwortet, nimmt aber die Anmeldung der Prüfung nicht an.", "The database answers, but does not accept the sign-in of the probe.")
}

func unwell() Result {
	return bad("Die Datenbank antwortet, bedient aber nicht.", "The database answers, but does not serve.")
}

func runPostgreSQL(ctx context.Context, s Spec) Result {
	host, port, name := s.place()
	c, err := pgx.ParseConfig("sslmode=disable") // every setting is ours, none of the surroundings'
	if err != nil {
		return failed(ctx, err)
	}
	c.Host, c.Port, c.Database, c.User, c.Password = host, uint16(port), name, s.Options["user"], s.Secret
	c.Fallbacks, c.ValidateConnect = nil, nil
	c.RuntimeParams = map[string]string{"application_name": "notbetrieb", "default_transaction_read_only": "on"}
	var seen shown
	if s.on("tls", false) {
		c.TLSConfig = s.tlsConfig(host, &seen)
	}
	db, err := pgx.ConnectConfig(ctx, c)
	if err == nil {
		defer db.Close(context.WithoutCancel(ctx))
		var one int
		if err = db.QueryRow(ctx, "select 1").Scan(&one); err == nil && one == 1 {
			return s.aged(answered(), seen)
		}
	}
	var pg *pgconn.PgError
	switch {
	case seen.err != nil:
		return s.broken(ctx, page{seen: seen}, seen.err)
	case errors.As(err, &pg) && strings.HasPrefix(pg.Code, "28"): // invalid authorization
		return refused()
	case errors.As(err, &pg):
		return unwell()
	}
	return failed(ctx, err)
}

func runSQLServer(ctx context.Context, s Spec) Result {
	host, port, name := s.place()
	var seen shown
	c := msdsn.Config{
		Host: host, Port: uint64(port), Database: name, User: s.Options["user"], Password: s.Secret, AppName: "notbetrieb",
		Encryption: msdsn.EncryptionDisabled, DisableRetry: true, Protocols: []string{"tcp"}, Parameters: map[string]string{}, NoTraceID: true,
	}
	if s.on("tls", true) {
		c.Encryption, c.TLSConfig = msdsn.EncryptionRequired, s.tlsConfig(host, &seen)
	}
	connector := mssql.NewConnectorConfig(c)
	connector.Dialer = leash{ctx}
	err := selectOne(ctx, sql.OpenDB(connector), "select 1")
	var e mssql.Error
	switch {
	case err == nil:
		return s.aged(answered(), seen)
	case seen.err != nil:
		return s.broken(ctx, page{seen: seen}, seen.err)
	case errors.As(err, &e) && (e.Number == 18456 || e.Number == 18452 || e.Number == 4060): // login failed, database not for it
		return refused()
	case errors.As(err, &e):
		return unwell()
	}
	return failed(ctx, err)
}

func runOracle(ctx context.Context, s Spec) Result {
	host, port, name := s.place()
	o := map[string]string{"CONNECTION TIMEOUT": "15", "TIMEOUT": "15"}
	var seen shown
	secured := s.on("tls", false)
	if secured {
		o["SSL"], o["SSL VERIFY"] = "true", "false" // verified by our own configuration
	}
	connector, ok := ora.NewConnector(ora.BuildUrl(host, port, name, s.Options["user"], s.Secret, o)).(*ora.OracleConnector)
	if !ok {
		return blind("Der Treiber für Oracle ist nicht zu gebrauchen.", "The driver for Oracle cannot be used.")
	}
	connector.Dialer(leash{ctx})
	if secured {
		connector.WithTLSConfig(s.tlsConfig(host, &seen))
	}
	err := selectOne(ctx, sql.OpenDB(connector), "select 1 from dual")
	var e *network.OracleError
	switch {
	case err == nil:
		return s.aged(answered(), seen)
	case seen.err != nil:
		return s.broken(ctx, page{seen: seen}, seen.err)
	case errors.As(err, &e) && (e.ErrCode == 1017 || e.ErrCode == 28000 || e.ErrCode == 28001 || e.ErrCode == 1045):
		return refused()
	case errors.As(err, &e) && e.ErrCode < 12000:
		return unwell()
	case errors.As(err, &e) && (e.ErrCode == 12514 || e.ErrCode == 12505):
		return bad("Der Listener antwortet, kennt aber die Datenbank nicht.", "The listener answers, but does not know the database.")
	}
	return failed(ctx, err)
}

// leash opens connections that are closed when ctx ends: not every driver heeds
// its context while it waits for an answer.
type leash struct{ ctx context.Context }

// DialContext opens a connection.
func (l leash) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(l.ctx, func() { _ = nc.Close() })
	return nc, nil
}

// selectOne asks db for the number one and closes it.
func selectOne(ctx context.Context, db *sql.DB, query string) error {
	defer db.Close()
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(time.Minute)
	var one int
	if err := db.QueryRowContext(ctx, query).Scan(&one); err != nil {
		return err
	}
	if one != 1 {
		return errors.New("one is not one")
	}
	return nil
}
