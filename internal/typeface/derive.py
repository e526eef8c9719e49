"""Makes the font files in ./files from the upstream WOFF2 files of IBM Plex.

    npm pack @ibm/plex-sans@1.1.0 @ibm/plex-sans-condensed@2.0.0
    python3 derive.py DIR-WITH-THE-UPSTREAM-WOFF2 files

Needs fontTools and brotli. The upstream files lack the marks a chart uses
(triangle, disc, double exclamation mark, box); this script draws them and
renames the result, because a changed font may not carry the reserved name
"Plex" (SIL Open Font License 1.1, clause 3).
"""

import math
import os
import sys

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FACES = {
    "IBMPlexSans-Regular": ("NotbetriebSans-Regular", "Notbetrieb Sans", "Regular", 76),
    "IBMPlexSans-SemiBold": ("NotbetriebSans-Bold", "Notbetrieb Sans", "Bold", 120),
    "IBMPlexSans-Italic": ("NotbetriebSans-Italic", "Notbetrieb Sans", "Italic", 76),
    "IBMPlexSansCondensed-Regular": ("NotbetriebSansCondensed-Regular", "Notbetrieb Sans Condensed", "Regular", 72),
    "IBMPlexSansCondensed-SemiBold": ("NotbetriebSansCondensed-Bold", "Notbetrieb Sans Condensed", "Bold", 112),
    "IBMPlexSansCondensed-Italic": ("NotbetriebSansCondensed-Italic", "Notbetrieb Sans Condensed", "Italic", 72),
}


def poly(pen, pts):
    pen.moveTo(pts[0])
    for p in pts[1:]:
        pen.lineTo(p)
    pen.closePath()


def ring(pen, cx, cy, r, clockwise=True):
    n = 8
    step = 2 * math.pi / n
    sign = -1 if clockwise else 1
    on = [(cx + r * math.cos(sign * i * step), cy + r * math.sin(sign * i * step)) for i in range(n)]
    k = r / math.cos(step / 2)
    off = [(cx + k * math.cos(sign * (i + 0.5) * step), cy + k * math.sin(sign * (i + 0.5) * step)) for i in range(n)]
    pen.moveTo(on[0])
    for i in range(n):
        pen.qCurveTo(off[i], on[(i + 1) % n])
    pen.closePath()


def triangle(pen, cx, base, top, half, clockwise=True):
    pts = [(cx - half, base), (cx, top), (cx + half, base)]
    poly(pen, pts if clockwise else pts[::-1])


def box(pen, x0, y0, x1, y1, clockwise=True):
    pts = [(x0, y0), (x0, y1), (x1, y1), (x1, y0)]
    poly(pen, pts if clockwise else pts[::-1])


def marks(narrow, s):
    """Return {rune: (name, width, draw)}; s is the stroke width."""
    w = 620 if narrow else 700
    c = w / 2
    h = c - 30

    def tri(up, hollow):
        def draw(pen):
            base, top = (0, 640) if up else (640, 0)
            triangle(pen, c, base, top, h, up)
            if hollow:
                d = s * 1.05
                b2 = base + d if up else base - d
                t2 = top - 2.1 * d if up else top + 2.1 * d
                triangle(pen, c, b2, t2, h - 1.75 * d, not up)
        return draw

    def disc(hollow):
        def draw(pen):
            ring(pen, c, 320, h)
            if hollow:
                ring(pen, c, 320, h - s, False)
        return draw

    def square(hollow):
        def draw(pen):
            box(pen, c - h, 320 - h, c + h, 320 + h)
            if hollow:
                box(pen, c - h + s, 320 - h + s, c + h - s, 320 + h - s, False)
        return draw

    def diamond(pen):
        poly(pen, [(c - h, 320), (c, 320 + h), (c + h, 320), (c, 320 - h)])

    def right(pen):
        poly(pen, [(60, 60), (60, 580), (w - 60, 320)])

    def down(pen):
        poly(pen, [(40, 520), (w - 40, 520), (c, 80)])

    def cross(pen):
        d = s * 0.72
        a, b = 70, w - 70
        y0, y1 = 320 - (b - a) / 2, 320 + (b - a) / 2
        m = (a + b) / 2
        poly(pen, [(a, y1 - d), (a + d, y1), (m, 320 + d), (b - d, y1), (b, y1 - d), (m + d, 320),
                   (b, y0 + d), (b - d, y0), (m, 320 - d), (a + d, y0), (a, y0 + d), (m - d, 320)])

    def warning(pen):
        ww = w * 1.15
        cc, hh = ww / 2, ww / 2 - 10
        triangle(pen, cc, 0, 690, hh)
        d = s * 0.85
        triangle(pen, cc, d, 690 - 2.1 * d, hh - 1.75 * d, False)
        t = s * 0.42
        box(pen, cc - t, 240, cc + t, 470)
        box(pen, cc - t, 120, cc + t, 120 + 2 * t)

    return {
        0x25B2: ("blacktriangle", w, tri(True, False)),
        0x25B3: ("whitetriangle", w, tri(True, True)),
        0x25BC: ("blackdowntriangle", w, tri(False, False)),
        0x25BD: ("whitedowntriangle", w, tri(False, True)),
        0x25CF: ("blackcircle", w, disc(False)),
        0x25CB: ("whitecircle", w, disc(True)),
        0x25A0: ("blacksquare", w, square(False)),
        0x25A1: ("whitesquare", w, square(True)),
        0x2610: ("ballotbox", w, square(True)),
        0x25C6: ("blackdiamond", w, diamond),
        0x25B8: ("blackrightsmall", w * 0.8, lambda pen: poly(pen, [(60, 80), (60, 560), (w * 0.8 - 40, 320)])),
        0x25B6: ("blackright", w, right),
        0x25BE: ("blackdownsmall", w, down),
        0x2717: ("ballotx", w, cross),
        0x26A0: ("warning", w * 1.15, warning),
    }


def derive(source, target, family, style, stroke):
    font = TTFont(source)
    glyphs, metrics = font["glyf"], font["hmtx"]
    order = font.getGlyphOrder()
    added = {}
    for rune, (name, width, draw) in marks("Condensed" in family, stroke).items():
        pen = TTGlyphPen(None)
        draw(pen)
        glyph = pen.glyph()
        glyphs[name] = glyph
        glyph.recalcBounds(glyphs)
        metrics[name] = (round(width), glyph.xMin)
        added[rune] = name

    bang = font.getBestCmap()[ord("!")]
    step = round(metrics[bang][0] * 0.82)
    pen = TTGlyphPen(glyphs)
    pen.addComponent(bang, (1, 0, 0, 1, 0, 0))
    pen.addComponent(bang, (1, 0, 0, 1, step, 0))
    glyphs["exclamdbl"] = pen.glyph()
    glyphs["exclamdbl"].recalcBounds(glyphs)
    metrics["exclamdbl"] = (metrics[bang][0] + step, glyphs["exclamdbl"].xMin)
    added[0x203C] = "exclamdbl"

    font.setGlyphOrder(order + [n for n in added.values() if n not in order])
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(added)
    ps = target
    for record in list(font["name"].names):
        if record.nameID in (1, 16):
            record.string = family
        elif record.nameID in (2, 17):
            record.string = style
        elif record.nameID == 3:
            record.string = ps + ";1"
        elif record.nameID == 4:
            record.string = family + " " + style
        elif record.nameID == 6:
            record.string = ps
        elif record.nameID in (7, 21, 22, 25):
            font["name"].names.remove(record)
    bold = style == "Bold"
    font["OS/2"].usWeightClass = 700 if bold else 400
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x61) | (0x20 if bold else 0x01 if style == "Italic" else 0x40)
    font["head"].macStyle = 1 if bold else 2 if style == "Italic" else 0
    for tag in ("GDEF", "DSIG"):
        if tag in font and tag == "DSIG":
            del font[tag]
    return font


def main():
    source, target = sys.argv[1], sys.argv[2]
    os.makedirs(target, exist_ok=True)
    for name, (out, family, style, stroke) in FACES.items():
        path = os.path.join(source, name + ".woff2")
        font = derive(path, out, family, style, stroke)
        font.recalcTimestamp = False
        font.flavor = None
        font.save(os.path.join(target, out + ".ttf"))
        font.flavor = "woff2"
        font.save(os.path.join(target, out + ".woff2"))


if __name__ == "__main__":
    main()
