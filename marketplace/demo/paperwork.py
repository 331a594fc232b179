"""Invoices of the demonstration: a one-page PDF written by hand, and a number."""

from datetime import date

from django.core.files.base import ContentFile

from vouchers.audit.models import Claim


def invoice_number(month: date, serial: int) -> str:
    """Twenty digits like a fully digitized invoice's."""
    return f"{month:%y}62{serial:04d}{month:%Y%m%d}{serial:04d}"


def account_number(serial: int) -> str:
    """Nineteen digits like a company's account."""
    return f"6228480{serial:012d}"


def invoice_file(claim: Claim, number: str) -> "ContentFile[bytes]":
    """A PDF that says which claim it belongs to."""
    text = f"Demonstration invoice {number} for claim {claim.code}"
    return sheet(text, f"invoice-{number}.pdf")


def sheet(text: str, name: str) -> "ContentFile[bytes]":
    """A PDF of one line of Latin letters."""
    stream = f"BT /F1 14 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for index, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (index, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (
        size,
        table,
        size,
    )
    return ContentFile(body + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body), name=name)
