"""The scheme designer: faults by line, rules in words, dry run, draft."""

import html

import pytest

from tests.factories import accounts, grants, plans
from tests.vouchers.grants.web import api, page
from vouchers.grants.actions import designs
from vouchers.grants.models import Scheme
from vouchers.grants.rules import files

from . import people

pytestmark = pytest.mark.django_db

TEXT = files.shipped()["qingyang-2024"].read_text(encoding="utf-8")
DAYS = {"opens_on": "2024-03-19", "closes_on": "2030-12-31"}


def test_check_shows_the_rules_in_words_and_writes_nothing() -> None:
    answer = page(accounts.officer()).post("/schemes/design/", {"text": TEXT, "do": "check"})

    shown = answer.content.decode()
    assert answer.status_code == 200
    for words in ("¥2,000,000.00", "30%", "申领对象"):
        assert words in shown
    assert not Scheme.objects.exists()


def test_faults_are_shown_by_line_and_nothing_typed_is_lost() -> None:
    text = TEXT.replace('"30%"', '"130%"')

    answer = page(accounts.officer()).post("/schemes/design/", {"text": text, "do": "check"})

    line = next(i for i, each in enumerate(text.split("\n"), 1) if "130%" in each)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert str(line) in answer.context["form"].errors["text"][0]
    assert "rate/value" in shown
    assert "130%" in shown


def test_save_keeps_the_text_and_another_officer_publishes() -> None:
    writer = accounts.officer()

    page(writer).post("/schemes/design/", {"text": TEXT, "do": "save", **DAYS})
    made = Scheme.objects.get()
    alone = page(writer).post(f"/schemes/{made.code}/publish/")
    page(accounts.officer(writer.own())).post(f"/schemes/{made.code}/publish/")

    assert made.text.replace("\r\n", "\n") == TEXT
    assert alone.status_code == 403
    assert Scheme.objects.get().status == "published"


def test_incomplete_scheme_names_what_is_missing_and_offers_no_publication() -> None:
    writer = accounts.officer()
    text = files.shipped()["wuxi-2024"].read_text(encoding="utf-8")

    looked = page(writer).post("/schemes/design/", {"text": text, "do": "check"})
    page(writer).post("/schemes/design/", {"text": text, "do": "save", **DAYS})
    made = Scheme.objects.get()
    other = page(accounts.officer(writer.own()))
    shown = other.get(f"/schemes/{made.code}/").content.decode()
    refused = other.post(f"/schemes/{made.code}/publish/")

    assert "cap of an enterprise" in looked.content.decode()
    assert "cap of an enterprise" in shown
    assert f"/schemes/{made.code}/publish/" not in shown
    assert refused.status_code == 409
    assert Scheme.objects.get().status == "draft"


def test_dry_run_sees_only_the_own_bureaus_decisions() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING, slug="qingyang-2024"))
    asked = people.approved(cast)

    own = page(cast.officer).post("/schemes/design/", {"text": TEXT, "do": "rehearse"})
    strange = page(accounts.officer()).post("/schemes/design/", {"text": TEXT, "do": "rehearse"})

    assert asked.code in own.content.decode()
    assert asked.code not in strange.content.decode()


def test_next_version_starts_from_the_text_of_the_last_one() -> None:
    scheme = grants.scheme()
    officer = accounts.officer(scheme.bureau)

    shown = page(officer).get(f"/schemes/design/?from={scheme.code}").content.decode()
    strange = page(accounts.officer()).get(f"/schemes/design/?from={scheme.code}")

    assert "minimum:" in shown
    assert strange.status_code == 404


def test_only_scheme_officers_design() -> None:
    reviewer = accounts.officer(None, "reviewer")

    assert page(reviewer).get("/schemes/design/").status_code == 403


def test_one_case_is_tried_on_the_text_with_every_rule_and_its_article() -> None:
    case = '{"facts": {"day": "2024-06-01", "legal_form": "company", "contract_amount": "100000"}}'

    answer = page(accounts.officer()).post(
        "/schemes/design/", {"text": TEXT, "case": case, "do": "assess"}
    )

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "¥100,000.00 × 30% = ¥30,000.00" in shown
    assert "申领对象" in shown


@pytest.mark.parametrize(
    ("case", "said"),
    [("{", "no JSON"), ('{"facts": {"contract_amuont": "1"}}', "contract_amount")],
)
def test_faulty_case_is_said_at_its_field(case: str, said: str) -> None:
    answer = page(accounts.officer()).post(
        "/schemes/design/", {"text": TEXT, "case": case, "do": "assess"}
    )

    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors["case"])
    assert TEXT.splitlines()[0] in answer.content.decode()


def test_designer_begins_with_a_complete_example_for_the_own_region() -> None:
    writer = accounts.officer(accounts.bureau(region="310000"))

    text = page(writer).get("/schemes/design/").context["form"].initial["text"]
    rules, _found = files.read(text)

    assert rules.is_complete
    assert rules.region == "310000"
    assert text in html.unescape(page(writer).get("/schemes/design/").content.decode())


def test_example_grants_a_share_within_its_cap() -> None:
    writer = accounts.officer()
    text = designs.starting_text(bureau=writer.own())
    facts = {"size": "small", "region": writer.own().region, "planned_spend": "100000.50"}
    facts |= {"day": "2026-06-01", "kind": "compute"}

    found = designs.look(by=writer, text=text, case={"facts": facts})
    capped = designs.look(
        by=writer, text=text, case={"facts": facts, "used": {"firm_year": "190000"}}
    )

    assert (found.answer and found.answer.amount_fen) == 3_000_000  # 30 % of 100,000.50, whole yuan
    assert (capped.answer and capped.answer.amount_fen) == 1_000_000


def test_api_checks_rehearses_and_tries_a_text_and_writes_nothing() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING, slug="qingyang-2024"))
    asked = people.approved(cast)
    facts = {"day": "2024-06-01", "legal_form": "company", "contract_amount": "100000"}

    answer = api(cast.officer).post(
        "/api/v1/scheme-checks/",
        {"text": TEXT, "rehearse": True, "case": {"facts": facts}},
        format="json",
    )
    faulty = api(cast.officer).post(
        "/api/v1/scheme-checks/", {"text": TEXT.replace('"30%"', '"130%"')}, format="json"
    )

    assert answer.status_code == 200
    assert answer.data["can_stand"]
    assert answer.data["rehearsal"]["seen"] == 1
    assert answer.data["rehearsal"]["changes"][0]["application"] == asked.code
    assert answer.data["answer"]["amount_fen"] == 3_000_000
    assert [fault["path"] for fault in faulty.data["faults"]] == ["rate/value"]
    assert faulty.data["answer"] is None
    assert Scheme.objects.count() == 1


def test_api_saves_a_draft_and_gives_its_text_to_its_bureau_only() -> None:
    writer = accounts.officer()
    body = {"text": TEXT, "opens_on": "2024-03-19", "closes_on": "2030-12-31"}

    made = api(writer).post("/api/v1/scheme-drafts/", body, format="json")
    text = api(writer).get(f"/api/v1/schemes/{made.data['code']}/text/")
    strange = api(accounts.officer()).get(f"/api/v1/schemes/{made.data['code']}/text/")
    reviewer = accounts.officer(writer.own(), "reviewer")
    refused = api(reviewer).post("/api/v1/scheme-drafts/", body, format="json")

    assert (made.status_code, made.data["status"]) == (201, "draft")
    assert text.data["text"] == TEXT
    assert (strange.status_code, refused.status_code) == (404, 403)


def test_api_names_what_a_draft_still_needs() -> None:
    answer = api(accounts.officer()).post("/api/v1/scheme-drafts/", {"text": TEXT}, format="json")

    assert answer.status_code == 422
    assert answer.data["errors"]
    assert not Scheme.objects.exists()
