"""Writing an application on pages: saved as one types, two windows, double click, an ended session."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from config import env
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, drafts, lapsing, supplements
from vouchers.grants.forms.questions import SectionForm
from vouchers.grants.models import Application, SchemeStatus
from vouchers.grants.rules import files as scheme_files
from vouchers.grants.rules import registry, sections

from . import people
from .web import page

pytestmark = pytest.mark.django_db
SCHEMES = sorted((env.ROOT / "vouchers" / "grants" / "schemes").glob("*.yaml"))
TYPING = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def draft(cast: people.Cast, **values: Any) -> Application:
    given: dict[str, Any] = {"purpose": "", "answers": {}, **values}
    return applications.start(
        by=cast.preparer, scheme=cast.scheme, kind="compute", planned_spend_fen=10**7, at=NOW, **given
    )  # fmt: skip


def section(asked: Application, name: str = "use") -> str:
    return f"/applications/{asked.code}/sections/{name}/"


def seen(client: Client, url: str) -> str:
    return str(client.get(url).context["seen"])


def test_task_list_says_how_far_each_section_is() -> None:
    cast = people.cast()
    asked = draft(cast, answers={"contract_state": "signed"})

    tasks = page(cast.preparer).get(f"/applications/{asked.code}/").context["tasks"]

    assert [(task.label, task.status, bool(task.url)) for task in tasks] == [
        ("Voucher and planned spend", "Done", True),
        ("What it is for", "Not started", True),
        ("Contract", "In progress", True),
        ("Evidence", "Not started", True),
        ("Check the answers and hand over", "Cannot start yet", False),
        ("Declaration and signature", "Cannot start yet", False),
    ]


def test_saved_while_typing_with_the_time() -> None:
    cast = people.cast()
    asked = draft(cast)
    client = page(cast.preparer)

    answer = client.post(section(asked), {"purpose": "质检", "seen": "1"}, headers=TYPING)

    text = answer.content.decode()
    assert Application.objects.get().purpose == "质检"
    assert "Saved 10:00 by" in text
    assert 'name="seen" value="2"' in text
    assert (answer["X-Saved"], "HX-Request" in answer["Vary"]) == ("yes", True)


def test_what_cannot_be_read_is_not_saved_while_typing_and_the_rest_is() -> None:
    cast = people.cast()
    asked = draft(cast)
    sent = {"contract_state": "signed", "contract_signed_on": "2026-02-31", "provider": "某公司"}

    answer = page(cast.preparer).post(section(asked, "contract"), sent, headers=TYPING)

    assert Application.objects.get().answers == {"contract_state": "signed", "provider": "某公司"}
    assert "X-Saved" not in answer
    assert "except what cannot be read yet" in answer.content.decode()


def test_two_windows_never_overwrite_each_other_silently() -> None:
    cast = people.cast()
    asked = draft(cast)
    client, url = page(cast.preparer), section(asked)
    shown = seen(client, url)
    client.post(url, {"purpose": "第一个窗口", "seen": shown})

    typed = client.post(url, {"purpose": "第二个窗口", "seen": shown}, headers=TYPING)
    second = client.post(url, {"purpose": "第二个窗口", "seen": shown})

    assert "Not saved: changed elsewhere" in typed.content.decode()
    text = second.content.decode()
    assert second.status_code == 422
    assert "第一个窗口" in text
    assert "第二个窗口" in text
    assert Application.objects.get().purpose == "第一个窗口"
    again = client.post(url, {"purpose": "第二个窗口", "seen": str(second.context["seen"])})
    assert again.status_code == 302
    assert Application.objects.get().purpose == "第二个窗口"


def test_two_people_write_two_sections_at_once() -> None:
    cast = people.cast()
    asked = draft(cast)
    client = page(cast.preparer)
    use, contract = section(asked), section(asked, "contract")
    shown = [seen(client, use), seen(client, contract)]

    client.post(use, {"purpose": "质检", "seen": shown[0]})
    answer = client.post(contract, {"contract_state": "planned", "seen": shown[1]})

    assert answer.status_code == 302
    assert Application.objects.get().answers == {"contract_state": "planned"}


def test_double_click_saves_once() -> None:
    cast = people.cast()
    asked = draft(cast)
    client, url = page(cast.preparer), section(asked)

    answers = [client.post(url, {"purpose": "质检", "seen": "1"}).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Application.objects.get().version == 2


def test_missing_answers_are_named_and_saving_for_later_needs_none() -> None:
    cast = people.cast()
    asked = draft(cast)
    client, url = page(cast.preparer), section(asked, "contract")
    sent = {"contract_state": "signed", "provider": "某公司"}

    strict = client.post(url, sent)
    later = client.post(url, {**sent, "later": "1"})

    assert strict.status_code == 422
    assert set(strict.context["form"].errors) == {"contract_number", "contract_signed_on"}
    assert later["Location"] == f"/applications/{asked.code}/"
    assert Application.objects.get().answers["provider"] == "某公司"


def test_what_was_sent_after_the_session_ended_is_back_after_sign_in() -> None:
    cast = people.cast()
    asked = draft(cast)
    client, url = page(cast.preparer), section(asked)
    client.get(url)
    client.session.flush()

    refused = client.post(url, {"purpose": "写了很久的说明", "seen": "1"})
    signed_in = client.post(
        refused["Location"],
        {"login": cast.preparer.user.email, "password": "correct horse battery", "next": url},
    )
    back = client.get(signed_in["Location"])

    assert refused["Location"].startswith("/accounts/login/?next=")
    assert signed_in["Location"] == url
    assert "写了很久的说明" in back.content.decode()
    assert "Your entries are back" in back.content.decode()
    assert Application.objects.get().purpose == ""
    client.post(url, {"purpose": "写了很久的说明", "seen": str(back.context["seen"])})
    assert Application.objects.get().purpose == "写了很久的说明"
    assert "Your entries are back" not in client.get(url).content.decode()


def test_saving_while_typing_without_a_session_is_401() -> None:
    cast = people.cast()

    answer = page().post(section(draft(cast)), {"purpose": "x"}, headers=TYPING)

    assert (answer.status_code, answer.content) == (401, b"")


def test_huge_post_of_a_visitor_is_not_kept() -> None:
    client = page()

    client.post("/applications/AP-2222-2222/sections/use/", {"purpose": "x" * 70_000})

    assert "kept_post" not in client.session


def test_stale_save_is_refused_by_the_action() -> None:
    cast = people.cast()
    asked = draft(cast)
    drafts.save(by=cast.preparer, application=asked, values={"purpose": "甲"}, seen=1, at=NOW)

    with pytest.raises(drafts.DraftChanged):
        drafts.save(by=cast.preparer, application=asked, values={"purpose": "乙"}, seen=1, at=NOW)
    same = drafts.save(
        by=cast.preparer, application=asked, values={"purpose": "甲"}, seen=1, at=NOW
    )

    assert (same.version, same.purpose) == (2, "甲")


@pytest.mark.parametrize("name", ["evidence", "unknown", "scheme"])
def test_section_that_is_none_is_not_found(name: str) -> None:
    cast = people.cast()
    asked = draft(cast)

    assert page(cast.preparer).get(section(asked, name)).status_code == 404


def test_those_who_cannot_begin_are_told_what_to_do() -> None:
    cast = people.cast()
    closed = grants.scheme(status=SchemeStatus.CLOSED)
    nobody = accounts.member(cast.enterprise)
    url = f"/schemes/{cast.scheme.code}/apply/"

    signatory = page(cast.signatory).get(url)
    homeless = page(nobody).get(url)
    late = page(cast.preparer).get(f"/schemes/{closed.code}/apply/")

    assert {signatory.status_code, homeless.status_code, late.status_code} == {403}
    assert "Add a preparer to the team" in signatory.content.decode()
    assert "Register your enterprise" in homeless.content.decode()
    assert "takes no applications at present" in late.content.decode()


def test_receipt_names_number_answers_and_next_day() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answer = page(cast.signatory).get(f"/applications/{asked.code}/receipt/")
    confirmation = page(cast.signatory).get(f"/applications/{asked.code}/confirmation/")

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    text = _text(answer.content)
    for words in (asked.code, cast.enterprise.name, "质检图片识别", "2026-10-19"):
        assert words in text
    assert "2026-10-19" in confirmation.content.decode()


def _text(content: bytes) -> str:
    import io

    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_questions_of_every_known_scheme_can_be_asked_and_kept(path: Path) -> None:
    rules, _file = scheme_files.read(path.read_text(encoding="utf-8"))

    for each in sections.sections_of(registry.facts_of(rules)):
        form = SectionForm({}, section=each, values={}, kinds=["compute"], version=1)
        form.is_valid()

        assert set(form.fields) == {"seen", *each.keys}
        assert form.as_p()
        assert all(value in (None, "", []) for value in form.values().values())


def test_refusal_says_why_and_how_to_contest_it() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    supplement = supplements.ask(
        by=cast.first, application=asked, remarks=[("purpose", "请补充")],
        due_on=date(2026, 10, 20), at=NOW,
    )  # fmt: skip
    open_page = page(cast.preparer).get(f"/applications/{asked.code}/").content.decode()
    lapsing.lapse_due(at=supplement.due_at)

    text = page(cast.preparer).get(f"/applications/{asked.code}/").content.decode()

    assert "8 days left" in open_page
    assert f"/applications/{asked.code}/supplement/" in open_page
    assert "What was asked for was not handed in by the last day" in text
    assert "Administrative reconsideration" in text
    assert "2026-12-20" in text
    assert "2027-04-21" in text
