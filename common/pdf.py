"""PDF papers: title, paragraphs, label-and-value rows, tables, QR code, numbered pages.

Set with reportlab in Noto Sans SC, of which only the used glyphs are embedded. The same input gives the same
bytes, and what is copied out of the paper is the text that was put in.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import segno
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import textsplit
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)
from reportlab.platypus import paragraph as setting

# Chinese marks that may not begin a line (GB/T 15834-2011, 5.1); the library knows the Japanese ones.
for module in (textsplit, setting):
    vars(module)["ALL_CANNOT_START"] += "，：；！？）》〉”’…"

CONTENT_TYPE = "application/pdf"
REGULAR, BOLD = "Puhui", "Puhui-Bold"
FILES = {
    REGULAR: "400Regular/NotoSansSC_400Regular.ttf",
    BOLD: "700Bold/NotoSansSC_700Bold.ttf",
}
INK, QUIET, ACCENT, LINE = (HexColor(each) for each in ("#16201f", "#566563", "#083f3f", "#c9d4d2"))
MARGIN = 22 * mm
PADDING = 6
"""What reportlab's frame keeps free inside its margins, in points."""
WIDTH = A4[0] - 2 * MARGIN
LABEL_SHARE = 0.3
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Rows = Sequence[tuple[str, str]]
Maker = Callable[[str], list[Flowable]]


def response(content: bytes, filename: str, *, inline: bool = False) -> HttpResponse:
    """The finished file as an answer; kept by nobody on the way. Saved as `filename` unless shown `inline`."""
    headers = {
        "Content-Disposition": content_disposition_header(not inline, filename) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


@cache
def _register_fonts() -> None:
    """Read the font files once in the life of the process."""
    for name, file in FILES.items():
        path = Path(settings.PDF_FONT_FOLDER) / file
        if not path.is_file():
            raise ImproperlyConfigured(f"{path} is missing. Run `make setup`.")
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR)


@dataclass(slots=True)
class Document:
    """A paper under the pen: call the parts in their order, then `render`.

    `language` is that of the text ("zh-hans" or "en"): it decides line breaks and the file's language.
    `footer` stands left of the page number on every page, `author` in the file's properties.
    """

    title: str
    language: str = "zh-hans"
    subtitle: str = ""
    author: str = ""
    footer: str = ""
    _parts: list[Maker] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._parts.append(lambda language: [_words(text, language, 12.5, bold=True, before=14)])

    def paragraph(
        self, text: str, *, quiet: bool = False, align: Literal["left", "center"] = "left"
    ) -> None:
        """Running text; line breaks of the text are kept."""
        make = partial(_words, text, quiet=quiet, align=align, size=9 if quiet else 10.5)
        self._parts.append(lambda language: [make(language=language)])

    def items(self, texts: Sequence[str], *, numbered: bool = False) -> None:
        """A list, one text a line."""
        marks = [f"{number}." if numbered else "•" for number in range(1, len(texts) + 1)]
        lines = [f"{mark} {text}" for mark, text in zip(marks, texts, strict=True)]
        self._parts.append(lambda language: [_words(line, language) for line in lines])

    def rows(self, rows: Rows) -> None:
        """Labels with their values, one a line."""
        kept = tuple(rows)
        self._parts.append(lambda language: [_facts(kept, language), Spacer(1, 3 * mm)])

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()
    ) -> None:
        """A table whose header is repeated on each page; `widths` are parts of the whole, by default equal."""
        kept = tuple(header), tuple(tuple(row) for row in rows), tuple(widths)
        self._parts.append(lambda language: [_grid(*kept, language), Spacer(1, 3 * mm)])

    def qr(self, data: str, caption: str = "", *, size_mm: int = 34) -> None:
        """A QR code (error correction M) with words below it."""

        def make(language: str) -> list[Flowable]:
            below = [_words(caption, language, 9, quiet=True, align="center")] if caption else []
            code = Table([[_qr(data, size_mm)]], colWidths=[size_mm * mm + 2 * PADDING])
            return [KeepTogether([Spacer(1, 4 * mm), code, *below])]

        self._parts.append(make)

    def gap(self, height_mm: float = 4) -> None:
        """Empty space."""
        self._parts.append(lambda _language: [Spacer(1, height_mm * mm)])

    def render(self) -> bytes:
        """The finished file. Set twice: the first time to count the pages."""
        _register_fonts()
        _bytes, pages = self._set(0)
        return self._set(pages)[0]

    def _set(self, pages: int) -> tuple[bytes, int]:
        out = BytesIO()
        # invariant: no clock and no random number in the file
        paper = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=MARGIN - PADDING, rightMargin=MARGIN - PADDING,
            topMargin=MARGIN, bottomMargin=MARGIN, title=self.title, author=self.author, subject=self.subtitle,
            creator="Puhui", lang="en" if self.language == "en" else "zh-Hans", invariant=1,
        )  # fmt: skip
        foot = partial(_foot, words=self.footer, pages=pages)
        paper.build(self._story(), onFirstPage=foot, onLaterPages=foot)
        return out.getvalue(), paper.page

    def _story(self) -> list[Flowable]:
        top: list[Flowable] = [_words(self.title, self.language, 20, bold=True, align="center")]
        if self.subtitle:
            top.append(_words(self.subtitle, self.language, 11, quiet=True, align="center"))
        top.append(
            HRFlowable(width="100%", thickness=1.2, color=ACCENT, spaceBefore=6, spaceAfter=10)
        )
        return top + [each for make in self._parts for each in make(self.language)]


def _words(
    text: str,
    language: str,
    size: float = 10.5,
    *,
    bold: bool = False,
    quiet: bool = False,
    align: Literal["left", "center"] = "left",
    before: float = 0,
) -> Paragraph:
    style = ParagraphStyle(
        "words",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.6,
        textColor=QUIET if quiet else INK,
        alignment=TA_CENTER if align == "center" else TA_LEFT,
        wordWrap=None if language == "en" else "CJK",
        splitLongWords=True,
        spaceBefore=before,
        spaceAfter=4,
    )
    safe = escape(_CONTROL.sub("", text.replace("\r\n", "\n"))).replace("\n", "<br/>")
    return Paragraph(safe, style)


def _facts(rows: tuple[tuple[str, str], ...], language: str) -> Table:
    cells = [
        [_words(label, language, quiet=True), _words(value, language)] for label, value in rows
    ]
    return Table(
        cells,
        colWidths=[WIDTH * LABEL_SHARE, WIDTH * (1 - LABEL_SHARE)],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _grid(
    header: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    widths: tuple[float, ...],
    language: str,
) -> Table:
    parts = widths or (1.0,) * len(header)
    cells = [[_words(text, language, 9.5, bold=True) for text in header]]
    cells += [[_words(text, language, 9.5) for text in row] for row in rows]
    return Table(
        cells,
        colWidths=[WIDTH * part / sum(parts) for part in parts],
        repeatRows=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 1), (-1, 1), 1, ACCENT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.5, LINE),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
        ],
    )


def _qr(data: str, size_mm: int) -> Drawing:
    matrix = [list(row) for row in segno.make_qr(data, error="m").matrix]
    side = size_mm * mm
    module = side / len(matrix)
    drawing = Drawing(side, side)
    for down, row in enumerate(matrix):
        for across, dark in enumerate(row):
            if dark:
                square = Rect(across * module, side - (down + 1) * module, module, module)
                square.fillColor, square.strokeColor = INK, None
                drawing.add(square)
    return drawing


def _foot(canvas: Canvas, paper: Any, *, words: str, pages: int) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, 8.5)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, 12 * mm, words)
    canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"{paper.page} / {pages}")
    canvas.restoreState()
