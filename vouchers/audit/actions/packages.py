"""Sealed packages: a chain or a case with the ledger's own rows, which the stand-alone verifier checks.

A ZIP without compression, in fixed order and with fixed times: `chain.jsonl` (what the chain says), `rows.jsonl`
(sealed rows in their canonical form), `blocks.jsonl` and `sealed.jsonl` (the seal's blocks and their manifests),
`verify.py`, and `manifest.json` with the SHA-256 of each file and of itself.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import transaction

from vouchers.audit.actions import chain_lines, chains
from vouchers.audit.actions.chains import Chain
from vouchers.audit.models import Case, CaseConclusion, ClaimLine, ConclusionSignature
from vouchers.ledger.actions import excerpts, movements
from vouchers.ledger.rules import blocks

FORMAT = "puhui-package 1"
FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """A sealed package as a file, and its SHA-256."""

    name: str
    content: bytes
    sha256: str


@transaction.atomic
def of_case(*, case: Case, at: datetime) -> Package:
    """A case with the chain of its redemption."""
    return of_chain(chain=chains.of_case(case=case), at=at)


def of_chain(*, chain: Chain, at: datetime) -> Package:
    """Everything the chain rests on. Inside a transaction: rows are read in the spelling in which they are sealed."""
    found = excerpts.of(keys=_wanted(chain))
    inside: dict[str, bytes] = {
        "blocks.jsonl": _lines(found.blocks),
        "chain.jsonl": _lines(chain_lines.of(chain)),
        "rows.jsonl": _lines(found.rows),
        "sealed.jsonl": _lines(found.manifests),
        "verify.py": (files("vouchers.ledger") / "verify.py").read_bytes(),
    }
    about = {
        "format": FORMAT,
        "number": chain.number,
        "made_at": blocks.moment_text(at),
        "tables": found.titles,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in inside.items()},
    }
    about["sha256"] = hashlib.sha256(_canonical(about)).hexdigest()
    inside["manifest.json"] = json.dumps(about, indent=1, sort_keys=True).encode() + b"\n"
    content = zipped(inside)
    name = f"{chain.number}-{at:%Y%m%d}.zip".replace("/", "-")
    return Package(name, content, hashlib.sha256(content).hexdigest())


def zipped(inside: dict[str, bytes]) -> bytes:
    """The files as a ZIP whose bytes depend on nothing but them: in order of name, stored, at a fixed time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(inside):
            archive.writestr(zipfile.ZipInfo(name, FIXED), inside[name])
    return buffer.getvalue()


def _wanted(chain: Chain) -> dict[str, list[str]]:
    """Keys of the sealed rows behind a chain, by table: its movements with their accounts, and what was signed."""
    vouchers = {each.account_id for each in chain.vouchers}
    given: set[UUID | None] = {each.transfer_id for each in chain.paid}
    for payment in chain.payments:
        given |= {payment.transfer_id, payment.reversal_id}
    for recovery in chain.recoveries:
        given |= {recovery.clawback_id, recovery.debt_id}
    moved = movements.behind(account_ids=vouchers, transfer_ids={each for each in given if each})
    conclusions = CaseConclusion.objects.filter(case__in=[each.pk for each in chain.cases])
    signed = ConclusionSignature.objects.filter(conclusion__in=conclusions)
    lines = ClaimLine.objects.filter(pk__in=[each.transfer_id for each in chain.paid])
    found: dict[str, Iterable[object]] = {
        "account": moved.account_ids,
        "transfer": moved.transfer_ids,
        "review": [each.pk for each in chain.reviews],
        "claim_line": lines.values_list("pk", flat=True),
        "settlement_signature": [each.pk for each in chain.signatures],
        "case_signature": signed.values_list("pk", flat=True),
        "recovery": [each.pk for each in chain.recoveries],
    }
    return {name: sorted(map(str, keys)) for name, keys in found.items()}


def _lines(values: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(_canonical(value) + b"\n" for value in values)


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
