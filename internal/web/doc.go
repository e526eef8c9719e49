// Package web shows the hospital's charts to the people who may read them:
// routes, page values, templates and assets.
//
// Every page is a plain value made by a function without request, clock or
// database, drawn whole into a buffer by one template. Every page with a
// patient on it passes one gate: session, right to read, recorded read, page.
// The package stores nothing itself and interprets no message.
package web
