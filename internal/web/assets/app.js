// Every page works without this file. With it: the page renews itself without
// losing focus, scroll or an open fold; "/" goes to the search; a scanner that
// types fast goes there too; ages stay true between two renewals.
"use strict";
(() => {
  const $ = (s, r = document) => r.querySelector(s);
  const all = (s, r = document) => [...r.querySelectorAll(s)];
  const en = document.documentElement.lang === "en";

  // Ages.
  const span = s => s < 60 ? Math.max(0, s) + " s"
    : s < 3600 ? Math.floor(s / 60) + " min"
    : s < 86400 ? Math.floor(s / 3600) + " h" + (s % 3600 >= 60 ? " " + String(Math.floor(s % 3600 / 60)).padStart(2, "0") : "")
    : Math.floor(s / 86400) + " d";
  let skew = 0; // server clock minus this clock, in seconds
  const now = () => Math.floor(Date.now() / 1000 + skew);
  const drawn = Number(document.body.dataset.now);
  if (drawn) skew = drawn - Date.now() / 1000;
  const ages = () => all(".age[data-at]").forEach(e => {
    const d = now() - Number(e.dataset.at), par = e.textContent.startsWith("(");
    const text = d < -30 ? "in " + span(-d) : en ? span(d) + " ago" : "vor " + span(d);
    const next = par ? "(" + text + ")" : text;
    if (e.textContent !== next) e.textContent = next;
  });
  setInterval(ages, 15000);

  // Search: "/" and a scanner (many keys in a short time, ended by Enter).
  const q = $("#q");
  const typing = e => e && (e.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName));
  let scan = "", last = 0;
  document.addEventListener("keydown", e => {
    if (!q || typing(document.activeElement) || e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key === "/") { e.preventDefault(); q.focus(); q.select(); return; }
    const fast = e.timeStamp - last < 60;
    last = e.timeStamp;
    if (e.key.length === 1) { scan = fast ? scan + e.key : e.key; return; }
    if (e.key === "Enter" && fast && scan.length >= 4) { const to = $("#scan") || q; e.preventDefault(); to.value = scan; to.form.requestSubmit(); }
    if (e.key !== "Shift") scan = "";
  });

  // A fold of the head closes by Escape, and by a click beside it.
  const shut = e => { e.open = false; };
  document.addEventListener("keydown", e => {
    const open = e.key === "Escape" && $(".top details[open]");
    if (open) { const back = open.contains(document.activeElement); shut(open); if (back) $("summary", open).focus(); }
  });
  document.addEventListener("click", e => all(".top details[open]").filter(d => !d.contains(e.target)).forEach(shut));

  // Renewal: the same address again, unless something would be lost.
  const seconds = Number(document.body.dataset.refresh);
  const busy = () => {
    const a = document.activeElement, s = getSelection();
    return document.hidden || (a && typing(a)) || (s && !s.isCollapsed) || $("details[open]") || $("main form[data-touched]");
  };
  document.addEventListener("input", e => e.target.form && e.target.form.setAttribute("data-touched", ""));
  const stale = on => { const e = $("#stale"); if (e) e.hidden = !on; };
  // An unattended screen rests after 20 minutes, so that a session left behind ends.
  let touched = Date.now();
  const rest = 20 * 60 * 1000, resting = () => !("wall" in document.body.dataset) && Date.now() - touched > rest;
  ["keydown", "pointerdown"].forEach(k => document.addEventListener(k, () => {
    const slept = resting();
    touched = Date.now();
    const e = $("#resting");
    if (e) e.hidden = true;
    if (slept) renew();
  }, { capture: true }));
  const swap = (doc, sel) => {
    const a = $(sel), b = $(sel, doc);
    if (a && b && a.innerHTML !== b.innerHTML) a.innerHTML = b.innerHTML;
  };
  const path = e => e && e.id ? "#" + CSS.escape(e.id) : e && e.getAttribute && e.getAttribute("href") ? `a[href="${CSS.escape(e.getAttribute("href"))}"]` : "";
  const renew = async () => {
    if (resting()) { const e = $("#resting"); if (e) e.hidden = false; return; }
    if (busy()) return;
    try {
      const res = await fetch(location.href, { headers: { "X-Refresh": "1" }, credentials: "same-origin", redirect: "manual" });
      if (res.type === "opaqueredirect") { location.reload(); return; }
      if (!res.ok) { stale(true); return; }
      const doc = new DOMParser().parseFromString(await res.text(), "text/html");
      if (busy() || !$("#main", doc)) return;
      const a = document.activeElement, inside = a && a.closest("#main, .banner"), sel = path(a);
      const x = scrollX, y = scrollY, pans = all(".scroll").map(e => e.scrollLeft);
      document.documentElement.className = doc.documentElement.className;
      document.title = doc.title;
      stale(false);
      ["#modeline", "#feeds", "#staffnotes", ".banner", "#main", ".sheetfoot"].forEach(s => swap(doc, s));
      document.body.dataset.seq = doc.body.dataset.seq;
      document.body.dataset.posted = doc.body.dataset.posted;
      skew = Number(doc.body.dataset.now) - Date.now() / 1000;
      all(".scroll").forEach((e, i) => { e.scrollLeft = pans[i] || 0; });
      scrollTo(x, y);
      if (inside && sel && $(sel)) $(sel).focus({ preventScroll: true });
    } catch (_) { stale(true); }
  };
  if (seconds) setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", () => { if (seconds && !document.hidden) renew(); });
  document.addEventListener("notbetrieb:renew", renew);

  // Every open page says that its workplace lives, also one that rests or holds a
  // form; no session is renewed by it. The answer tells whether the messages to
  // staff are still those shown: if not, they alone are fetched, and a page that
  // rests goes to its top, where they stand.
  const notes = async () => {
    const ward = location.pathname.match(/^\/ward\/([^/]+)/);
    const res = await fetch("/notes" + (ward ? "?ward=" + ward[1] : ""), { credentials: "same-origin", redirect: "manual" });
    if (res.type === "opaqueredirect") { $("#unsaid").hidden = false; return; }
    if (!res.ok) throw res.status;
    const doc = new DOMParser().parseFromString(await res.text(), "text/html"), box = $("#staffnotes");
    const was = box.innerHTML;
    swap(doc, "#staffnotes");
    if (resting() && box.innerHTML !== was) scrollTo(0, 0);
  };
  const beat = async () => {
    try {
      const res = await fetch("/alive", { cache: "no-store" }), posted = res.headers.get("X-Posted") || "";
      if (res.status !== 204 || posted === document.body.dataset.posted) return;
      if (posted) await notes();
      else { $("#staffnotes").replaceChildren(); $("#unsaid").hidden = true; }
      document.body.dataset.posted = posted;
    } catch (_) { /* the next beat tries again; who renews says that the server is gone */ }
  };
  if ("posted" in document.body.dataset) setInterval(beat, 2 * 60 * 1000);
  document.addEventListener("notbetrieb:beat", beat);

  // Forms of entries: Enter in a filled field goes on to the next one, in an
  // empty one it signs; what is typed is kept as a draft while one thinks, and
  // when one leaves. Keeping never leads away from the form.
  all("form[data-entry]").forEach(form => {
    const steps = () => [...form.elements].filter(e => e.matches("input:not([type=hidden]), select") && !e.disabled);
    const sign = form.querySelector("button[value=sign], button.main"), skip = form.querySelector("[data-skip]");
    form.addEventListener("keydown", e => {
      if (e.key === "Enter" && e.ctrlKey) { e.preventDefault(); form.requestSubmit(sign); return; }
      if (e.key === "ArrowDown" && e.ctrlKey && skip) { e.preventDefault(); skip.click(); return; }
      if (e.defaultPrevented || e.key !== "Enter" || !e.target.matches("input, select")) return;
      const list = steps(), i = list.indexOf(e.target);
      e.preventDefault();
      if (e.target.value && !e.target.hasAttribute("data-go") && e.target.type !== "checkbox" && i >= 0 && i + 1 < list.length) { list[i + 1].focus(); list[i + 1].select && list[i + 1].select(); }
      else if (sign) form.requestSubmit(sign);
    });

    // The field that Enter has led to is not to send the form for the same stroke:
    // some scanners send the character apart from the key.
    form.addEventListener("keypress", e => { if (e.key === "Enter" && e.target.matches("input, select")) e.preventDefault(); });

    let timer = 0, leaving = false;
    const text = () => {
      const data = new URLSearchParams(new FormData(form));
      data.set("act", "draft");
      return data.toString();
    };
    let sent = text();
    const kept = $("#kept"), keeps = form.querySelector("button[value=draft]");
    const keep = async last => {
      const now = text();
      if (leaving || !keeps || now === sent) return;
      try {
        const res = await fetch(form.action, { method: "POST", body: new URLSearchParams(now), headers: { "X-Draft": "1" }, credentials: "same-origin", redirect: "manual", keepalive: !!last });
        if (res.status === 204) sent = now;
        if (kept) kept.textContent = res.status === 204 ? (en ? "kept as draft " : "als Entwurf gesichert ") + new Date().toTimeString().slice(0, 5)
          : res.status === 401 ? (en ? "Not kept: the sign-in has ended. Sign here; what is typed stays." : "Nicht gesichert: Die Anmeldung ist abgelaufen. Hier unterschreiben; was getippt ist, bleibt.")
          : (en ? "Not kept as draft. What is typed stays here." : "Nicht als Entwurf gesichert. Was getippt ist, steht noch hier.");
      } catch (_) { if (kept) kept.textContent = en ? "The server does not answer. What is typed stays here." : "Der Server antwortet nicht. Was getippt ist, steht noch hier."; }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 4000); });
    form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
    addEventListener("pagehide", () => keep(true));
    addEventListener("pageshow", e => { if (e.persisted) leaving = false; });

    // In a round a scanned wristband leads to its patient, whatever field has the
    // focus: many keys in a short time that look like a band, ended by Enter.
    const band = $(".scanband");
    if (!band || !form.matches("[data-round]")) return;
    let scanned = "", before = -1000, field = null, was = "";
    document.addEventListener("keydown", e => {
      const here = document.activeElement;
      if (here === band.elements.scan || e.ctrlKey || e.altKey || e.metaKey) return;
      const fast = e.timeStamp - before < 60;
      if (e.key === "Enter" && fast && /^(NB\d\|.{4,}|\d{6,})$/.test(scanned)) {
        e.preventDefault();
        e.stopPropagation();
        if (field) field.value = was;
        clearTimeout(timer);
        const code = scanned;
        scanned = "";
        keep().then(() => { band.elements.scan.value = code; band.requestSubmit(); });
        return;
      }
      if (e.key.length !== 1) { if (e.key !== "Shift") scanned = ""; return; }
      if (!fast) { scanned = ""; field = typing(here) && form.contains(here) ? here : null; was = field ? field.value : ""; }
      scanned += e.key;
      before = e.timeStamp;
    }, { capture: true });
  });

  // A scanner may type before the browser gets round to the first field.
  const first = $("[autofocus]");
  if (first && document.activeElement === document.body) first.focus();

  // The first thing wrong in a form is read first.
  const asked = $("#asked");
  if (asked) asked.focus();
  const p = $("#problems");
  if (p) p.focus();
  all("[data-print]").forEach(b => { b.hidden = false; b.addEventListener("click", () => print()); });

  // A signature drawn on the screen: what is drawn goes with the form as a
  // picture. Without this file paper is signed.
  all("form[data-sign]").forEach(form => {
    const pad = $("canvas", form), pen = pad && pad.getContext("2d");
    if (!pen) return;
    all("[data-scripted]", form).forEach(e => { e.hidden = false; });
    let drawing = false, drawn = false;
    const clear = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, pad.width, pad.height); drawn = false; };
    const at = e => { const r = pad.getBoundingClientRect(); return [(e.clientX - r.left) * pad.width / r.width, (e.clientY - r.top) * pad.height / r.height]; };
    clear();
    pad.addEventListener("pointerdown", e => {
      e.preventDefault();
      pad.setPointerCapture(e.pointerId);
      drawing = true;
      pen.lineWidth = 4; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#000";
      pen.beginPath(); pen.moveTo(...at(e));
    });
    pad.addEventListener("pointermove", e => {
      if (!drawing) return;
      pen.lineTo(...at(e)); pen.stroke();
      drawn = true;
      $("#s-screen", form).checked = true;
    });
    ["pointerup", "pointercancel"].forEach(k => pad.addEventListener(k, () => { drawing = false; }));
    $("[data-clear]", form).addEventListener("click", clear);
    form.addEventListener("submit", () => { form.elements.signature.value = drawn && $("#s-screen", form).checked ? pad.toDataURL("image/png") : ""; });
  });
})();
