"""Evidence: each bad file has its own message and code; good ones are hashed, reused, and sent as attachments."""

import hashlib
from typing import Any

import pytest
import time_machine

from accounts.access import Actor
from common import attachments
from common import evidence_files as rules
from common.errors import Forbidden
from common.models import StoredFile
from common.states import WrongState
from tests.factories import accounts, files
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, evidence
from vouchers.grants.models import Application, Evidence

from . import people
from .web import page

pytestmark = pytest.mark.django_db

HTML = b"<html><script>alert(1)</script></html>"
BAD = {
    "empty": ("a.pdf", b"", "file_empty"),
    "too large": ("a.pdf", files.pdf() + b" " * 10_000_000, "file_too_large"),
    "program": ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60, "file_wrong_type"),
    "page": ("a.html", HTML, "file_wrong_type"),
    "word": ("a.ofd", files.archive("word/document.xml"), "file_wrong_type"),
    "picture called pdf": ("a.pdf", files.picture(), "file_name_mismatch"),
    "double ending": ("a.pdf.exe", files.pdf(), "file_name_mismatch"),
    "pdf and zip": ("a.pdf", files.pdf() + files.archive("x"), "file_polyglot"),
    "pdf and page": ("a.pdf", files.pdf() + HTML, "file_polyglot"),
    "page and pdf": ("a.pdf", HTML + files.pdf(), "file_polyglot"),
    "picture and zip": ("a.png", files.picture() + files.archive("x"), "file_polyglot"),
    "picture and page": ("a.jpg", files.picture("JPEG") + HTML, "file_polyglot"),
    "script in comment": ("a.jpg", files.picture("JPEG", comment=HTML), "file_polyglot"),
    "tail after picture": ("a.png", files.picture() + b"tail", "file_polyglot"),
    "password": ("a.pdf", files.pdf(password="geheim"), "file_password_protected"),
    "half a pdf": ("a.pdf", files.pdf()[:200], "file_damaged"),
    "hollow pdf": ("a.pdf", b"%PDF-1.7\n%%EOF", "file_damaged"),
    "half a picture": ("a.png", files.picture()[:40], "file_damaged"),
    "pdf with script": ("a.pdf", files.pdf(script="app.alert(1)"), "file_active_content"),
}
GOOD = {
    "合同.pdf": files.pdf(),
    "CONTRACT.PDF": files.pdf(pages=3),
    "a.png": files.picture(),
    "a.JPEG": files.picture("JPEG"),
    "invoice.ofd": files.archive("OFD.xml", "Doc_0/Document.xml"),
}


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def draft(cast: people.Cast) -> Application:
    return applications.start(
        by=cast.preparer, scheme=cast.scheme, kind="compute", planned_spend_fen=10**7,
        purpose="质检", answers=people.ANSWERS, at=NOW,
    )  # fmt: skip


def add(cast: people.Cast, application: Application, by: Actor | None = None) -> Evidence:
    return evidence.add(
        by=by or cast.preparer,
        application=application,
        kind="contract",
        file=files.upload(),
        at=NOW,
    )


@pytest.mark.parametrize(("name", "content", "code"), BAD.values(), ids=BAD.keys())
def test_bad_file_has_its_own_code_and_leaves_nothing(name: str, content: bytes, code: str) -> None:
    cast = people.cast()
    asked = draft(cast)

    with pytest.raises(attachments.FileRefused) as refused:
        evidence.add(
            by=cast.preparer,
            application=asked,
            kind="other",
            file=files.upload(name, content),
            at=NOW,
        )

    assert refused.value.code == code
    assert not StoredFile.objects.exists()


def test_every_fault_has_other_words() -> None:
    words = [str(each.words) for each in attachments.REFUSALS.values()]

    assert len(set(words)) == len(rules.Fault)


@pytest.mark.parametrize(("name", "content"), GOOD.items(), ids=GOOD.keys())
def test_good_file_is_kept_with_size_and_hash(name: str, content: bytes) -> None:
    cast = people.cast()

    made = evidence.add(
        by=cast.preparer,
        application=draft(cast),
        kind="other",
        file=files.upload(name, content),
        at=NOW,
    )

    assert made.file.name == name
    assert made.file.sha256 == hashlib.sha256(content).hexdigest()
    assert bytes(StoredFile.objects.get().content) == content


def test_same_file_twice_is_one() -> None:
    cast = people.cast()
    asked, other = draft(cast), draft(cast)

    first, second, third = add(cast, asked), add(cast, asked), add(cast, other)

    assert first == second
    assert first.file == third.file
    assert StoredFile.objects.count() == 1


def test_earlier_file_is_reused_within_the_enterprise_only() -> None:
    cast, others = people.cast(), people.cast()
    mine, foreign = add(cast, draft(cast)), add(others, draft(others))
    asked = draft(cast)

    evidence.reuse(by=cast.preparer, application=asked, kind="plan", file_id=mine.file_id, at=NOW)
    with pytest.raises(Forbidden):
        evidence.reuse(
            by=cast.preparer, application=asked, kind="plan", file_id=foreign.file_id, at=NOW
        )

    assert list(asked.evidence.values_list("kind", "file")) == [("plan", mine.file_id)]


def test_file_goes_with_the_last_draft_that_has_it() -> None:
    cast = people.cast()
    asked, other = draft(cast), draft(cast)
    file_id = add(cast, asked).file_id
    add(cast, other)

    evidence.remove(by=cast.preparer, application=asked, file_id=file_id, at=NOW)
    assert StoredFile.objects.count() == 1
    evidence.remove(by=cast.preparer, application=other, file_id=file_id, at=NOW)

    assert not StoredFile.objects.exists()


def test_nothing_is_added_or_removed_after_handing_in() -> None:
    cast = people.cast()
    asked = draft(cast)
    file_id = add(cast, asked).file_id
    applications.prepare(by=cast.preparer, application=asked, at=NOW)
    applications.submit(by=cast.signatory, application=asked, at=NOW)

    with pytest.raises(WrongState):
        add(cast, asked)
    with pytest.raises(WrongState):
        evidence.remove(by=cast.preparer, application=asked, file_id=file_id, at=NOW)

    assert asked.evidence.count() == 1


def test_change_of_evidence_takes_a_prepared_application_back() -> None:
    cast = people.cast()
    asked = draft(cast)
    applications.prepare(by=cast.preparer, application=asked, at=NOW)

    add(cast, asked)

    assert Application.objects.get().status == "draft"


def test_twenty_files_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_FILES", 1)
    cast = people.cast()
    asked = draft(cast)
    add(cast, asked)

    with pytest.raises(evidence.TooManyFiles):
        evidence.add(
            by=cast.preparer,
            application=asked,
            kind="other",
            file=files.upload("b.png", files.picture()),
            at=NOW,
        )


def test_file_is_sent_as_attachment_to_those_entitled() -> None:
    cast = people.cast()
    asked = draft(cast)
    url = f"/applications/{asked.code}/evidence/{add(cast, asked).file_id}/"
    colleague = accounts.member(cast.enterprise, "viewer")
    strangers = [accounts.preparer(), accounts.officer(None, "reviewer"), cast.first]

    answer = page(colleague).get(url)

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert {page(stranger).get(url).status_code for stranger in strangers} == {404}
    applications.prepare(by=cast.preparer, application=asked, at=NOW)
    applications.submit(by=cast.signatory, application=asked, at=NOW)
    assert page(cast.first).get(url).status_code == 200


def test_page_says_what_is_taken_and_why_a_file_is_not() -> None:
    cast = people.cast()
    asked = draft(cast)
    url = f"/applications/{asked.code}/evidence/"
    client = page(cast.preparer)

    before = client.get(url).content.decode()
    refused = client.post(url, {"kind": "contract", "file": files.upload("a.pdf", b"")})
    taken = client.post(url, {"kind": "contract", "file": files.upload()}, follow=True)

    assert before.index("at most 10 MB") < before.index('type="file"')
    assert refused.status_code == 422
    assert "The file is empty" in refused.content.decode()
    assert hashlib.sha256(files.pdf()).hexdigest()[:8] in taken.content.decode()
