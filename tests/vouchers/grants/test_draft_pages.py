"""Writing an application on pages: saved as one types, two windows, double click, an ended session."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from config import env
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, drafts, lapsing, supplements
from vouchers.grants.actions.answers import ApplicationInvalid
from vouchers.grants.forms.questions import SectionForm
from vouchers.grants.models import Application, SchemeStatus
from vouchers.grants.rules import files as scheme_files
from vouchers.grants.rules import registry, sections

from . import people
from .web import page

pytestmark = pytest.mark.django_db
SCHEMES = sorted((env.ROOT / "vouchers" / "grants" / "schemes").glob("*.yaml"))
SCHEMES_BY_NAME = {path.stem: path for path in SCHEMES}
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
        by=cast.first, application=people.claimed(cast.first, asked), remarks=[("purpose", "请补充")],
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


def opc_draft() -> tuple[people.Cast, Application]:
    """A draft to a scheme that asks for a list of settlements."""
    text = SCHEMES_BY_NAME["bj-2026-token-opc"].read_text(encoding="utf-8")
    cast = people.cast(grants.scheme(rules=scheme_files.parse(text).data))
    return cast, draft(cast)


def opc_page(client: Client, url: str, **rows: str) -> dict[str, str]:
    """Everything that the page asks besides the list."""
    given = {
        "legal_form": "opc", "provider_is_related": "no", "content_was_subsidized": "no",
        "settled_amount": "0", "trade_amount": "0", "is_first_sale": "no",
    }  # fmt: skip
    return {**given, "seen": seen(client, url), **rows}


def test_list_of_entries_is_asked_in_rows_and_kept_as_facts() -> None:
    cast, asked = opc_draft()
    client, url = page(cast.preparer), section(asked, "scheme")

    blank = client.get(url).content.decode()
    rows = {
        "settlements-0-starts_on": "2026-05-01", "settlements-0-amount": "400",
        "settlements-2-starts_on": "2026-06-10", "settlements-2-amount": "1,500.5",
    }  # fmt: skip
    done = client.post(url, opc_page(client, url, **rows))
    shown = client.get(url).content.decode()

    assert blank.count('<fieldset class="record">') == 3
    assert done.status_code == 302
    assert Application.objects.get().answers["settlements"] == [
        {"starts_on": "2026-05-01", "amount": "400.00"},
        {"starts_on": "2026-06-10", "amount": "1500.50"},
    ]
    assert shown.count('<fieldset class="record">') == 5
    assert 'value="2026-06-10"' in shown


def test_button_saves_and_brings_more_empty_entries_without_a_script() -> None:
    cast, asked = opc_draft()
    client, url = page(cast.preparer), section(asked, "scheme")
    rows = {f"settlements-{n}-amount": "1" for n in range(3)}

    done = client.post(url, opc_page(client, url, **rows, more="1"))

    assert done["Location"] == url
    assert client.get(url).content.decode().count('<fieldset class="record">') == 6


def test_emptied_entry_is_removed_and_typing_saves_half_an_entry() -> None:
    cast, asked = opc_draft()
    client, url = page(cast.preparer), section(asked, "scheme")
    rows = {"settlements-0-amount": "400", "settlements-1-amount": "500"}
    client.post(url, opc_page(client, url, **rows))

    changed = {"settlements-0-amount": "", "settlements-1-item": "词元"}
    typed = client.post(url, opc_page(client, url, **changed), headers=TYPING)

    assert Application.objects.get().answers["settlements"] == [{"item": "词元"}]
    assert typed["X-Saved"] == "yes"


def test_faulty_entries_are_named_by_number_and_column_and_nothing_typed_is_lost() -> None:
    cast, asked = opc_draft()
    client, url = page(cast.preparer), section(asked, "scheme")
    rows = {
        "settlements-0-amount": "400", "settlements-1-amount": "viel", "settlements-1-item": "x",
    }  # fmt: skip

    refused = client.post(url, opc_page(client, url, **rows))
    lacking = client.post(url, opc_page(client, url, **{"settlements-0-item": "词元"}))

    errors = refused.context["form"].errors["settlements"]
    assert refused.status_code == 422
    assert errors[0].startswith("Entry 2, amount settled")
    assert 'value="viel"' in refused.content.decode()
    assert lacking.context["form"].errors["settlements"] == [
        "Entry 1, amount settled (yuan): Fill this in."
    ]


def test_entries_count_in_the_answer_and_stand_in_the_summary() -> None:
    cast, asked = opc_draft()
    client, url = page(cast.preparer), section(asked, "scheme")
    rows = {"settlements-0-starts_on": "2026-05-01", "settlements-0-amount": "1200"}
    client.post(url, opc_page(client, url, **rows))

    shown = client.get(f"/applications/{asked.code}/check/").content.decode()

    assert "1. first day of the service 2026-05-01, amount settled ¥1,200.00" in shown


def test_more_entries_than_anybody_types_are_refused() -> None:
    cast, asked = opc_draft()
    many = [{"amount": "1"}] * (sections.MOST_RECORDS + 1)

    with pytest.raises(ApplicationInvalid) as refusal:
        drafts.save(by=cast.preparer, application=asked, values={"settlements": many}, at=NOW)

    assert "200" in str(refusal.value.errors["settlements"])


def test_entry_with_an_impossible_year_is_named() -> None:
    cast, asked = opc_draft()
    rows = [{"amount": "1"}, {"starts_on": "1026-05-01"}]

    with translation.override("en"):
        with pytest.raises(ApplicationInvalid) as refusal:
            drafts.save(by=cast.preparer, application=asked, values={"settlements": rows}, at=NOW)
        assert "Entry 2" in str(refusal.value.errors["settlements"])
