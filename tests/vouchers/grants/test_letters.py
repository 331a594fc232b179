"""Letters: closed places, versions, and text that never changes once sent."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW
from vouchers.grants.actions import letters, reviews
from vouchers.grants.models import Letter, LetterKind, LetterTemplate
from vouchers.grants.rules import letters as rules

from . import people

pytestmark = pytest.mark.django_db


def texts(kind: str = "accepted", **changed: str) -> dict[str, str]:
    standing = rules.STANDING[kind]
    return {
        "subject_zh": standing.subject.zh,
        "subject_en": standing.subject.en,
        "body_zh": standing.body.zh,
        "body_en": standing.body.en,
        **changed,
    }


def test_every_occasion_has_a_standing_text_without_faults() -> None:
    assert set(rules.STANDING) == set(LetterKind.values)
    for kind in LetterKind:
        assert letters.faults(kind=kind, texts=texts(kind)) == {}, kind


@pytest.mark.parametrize(
    ("kind", "body", "code", "place"),
    [
        ("accepted", "您好 {name}", "unknown", "name"),
        ("accepted", "{voucher}", "not_here", "voucher"),
        ("accepted", "{enterprise", "braces", ""),
        ("accepted", "{enterprise.uscc}", "braces", ""),
        ("accepted", "{enterprise!r}", "braces", ""),
        ("accepted", "{0}", "braces", ""),
        ("refused", "理由：{reason}", "missing", "appeal"),
        ("revoked", "{voucher}{appeal}", "missing", "reason"),
    ],
)
def test_places_are_a_closed_list(kind: str, body: str, code: str, place: str) -> None:
    assert rules.Fault(code, place) in rules.faults(body, kind, whole=True)


def test_template_with_faults_is_refused_by_field() -> None:
    cast = people.cast()

    with pytest.raises(letters.TemplateInvalid) as refused:
        letters.save(
            by=cast.officer, kind=LetterKind.REFUSED, version=0, at=NOW,
            texts=texts("refused", body_zh="没有理由", subject_en=" "),
        )  # fmt: skip

    assert set(refused.value.errors) == {"body_zh", "subject_en"}
    assert not LetterTemplate.objects.exists()


def test_new_version_is_used_from_then_on_and_sent_letters_stay() -> None:
    cast = people.cast()
    people.submitted(cast)
    changed = texts(body_zh="{enterprise}，已收到。{until}")
    saved = letters.save(
        by=cast.officer, kind=LetterKind.ACCEPTED, version=0, texts=changed, at=NOW
    )
    again = letters.save(
        by=cast.officer, kind=LetterKind.ACCEPTED, version=0, texts=changed, at=NOW
    )

    people.submitted(cast)

    old, new = Letter.objects.filter(kind="accepted").order_by("pk")
    assert saved == again
    assert (old.template_version, new.template_version) == (0, 1)
    assert new.body_zh == f"{cast.enterprise.name}，已收到。2026年10月19日"
    assert "初审" in old.body_zh


def test_two_officers_who_change_the_same_version() -> None:
    cast = people.cast()
    for _ in range(1):
        letters.save(
            by=cast.officer, kind=LetterKind.ACCEPTED, version=0, texts=texts(body_zh="一"), at=NOW
        )

    with pytest.raises(letters.TemplateChanged):
        letters.save(
            by=cast.officer, kind=LetterKind.ACCEPTED, version=0, texts=texts(body_zh="二"), at=NOW
        )


def test_templates_belong_to_their_bureau_and_its_scheme_officers() -> None:
    cast, other = people.cast(), people.cast()
    letters.save(
        by=other.officer, kind=LetterKind.ACCEPTED, version=0, texts=texts(body_zh="别局"), at=NOW
    )

    people.submitted(cast)

    assert Letter.objects.get().template_version == 0
    for stranger in (cast.first, cast.signatory):
        with pytest.raises(Forbidden):
            letters.save(by=stranger, kind=LetterKind.ACCEPTED, version=0, texts=texts(), at=NOW)


def test_sent_letters_and_templates_never_change() -> None:
    cast = people.cast()
    people.submitted(cast)
    letters.save(
        by=cast.officer, kind=LetterKind.ACCEPTED, version=0, texts=texts(body_zh="一"), at=NOW
    )

    for model in (Letter, LetterTemplate):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(body_zh="改")


def test_refusal_says_why_and_how_to_appeal_in_both_languages() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    reviews.decide(
        by=cast.first, application=asked, stage="first", outcome="refuse",
        reason="evidence_missing", remark="缺合同 {appeal}", at=NOW,
    )  # fmt: skip

    letter = Letter.objects.get(kind="refused")
    assert "无法核实用途" in letter.body_zh
    assert "行政复议" in letter.body_zh
    assert "cannot be verified" in letter.body_en
    assert "administrative reconsideration" in letter.body_en
    assert "缺合同 {appeal}" in letter.body_zh


def test_whole_life_of_an_application_in_letters() -> None:
    cast = people.cast()

    voucher = people.issued(cast)

    sent = Letter.objects.filter(application=voucher.application).order_by("pk")
    assert [letter.kind for letter in sent] == ["accepted", "approved", "issued"]
    assert voucher.code in sent[2].subject_en
    assert "2027年10月20日" in sent[2].body_zh


def test_letter_of_an_occasion_is_sent_once() -> None:
    asked = people.submitted(people.cast())

    answers = {
        letters.send(
            kind=LetterKind.ACCEPTED,
            application=asked,
            occasion="x",
            at=NOW,
            until=date(2026, 1, 1),
        ).pk
        for _ in range(2)
    }

    assert len(answers) == 1


def test_letters_are_seen_by_the_enterprise_and_its_bureau_only() -> None:
    cast = people.cast()
    people.submitted(cast)

    for insider in (cast.preparer, cast.signatory, cast.first):
        assert Letter.objects.visible_to(insider).count() == 1
    for stranger in (accounts.preparer(), accounts.officer(None, "reviewer")):
        assert not Letter.objects.visible_to(stranger).exists()


@given(st.text(max_size=60))
def test_any_value_is_text_and_never_a_place(value: str) -> None:
    assert rules.filled("{a}-{a}", {"a": value}) == f"{value}-{value}"


@given(st.text(alphabet="{}ab_ enterprisvouch.!:0", max_size=30))
def test_whatever_passes_the_check_can_be_filled(text: str) -> None:
    if rules.faults(text, "issued", whole=False):
        return
    values = dict.fromkeys(rules.PLACES, "X")

    assert "{" not in rules.filled(text, values)
