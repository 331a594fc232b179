"""How assessments, rules and applications are laid out on pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.rules import industries
from accounts.wording import region_name
from common.components import Moment, Reason, Verdict, VoucherShares
from providers.models import Layer, Meter
from vouchers.grants import wording
from vouchers.grants.actions.wallets import WalletEntry
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    PublicNotice,
    Review,
    Scheme,
    Voucher,
    VoucherKind,
)
from vouchers.grants.rules import wording as rule_words
from vouchers.grants.rules.assessment import Assessment
from vouchers.grants.rules.schemes import SchemeRules, Sourced, from_json
from vouchers.grants.rules.wording import Words, yuan
from vouchers.ledger.actions.statements import Line
from vouchers.ledger.kinds import POSTED_KINDS

Status = ApplicationStatus


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of a scheme in words, with where it is written."""

    name: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One movement of a voucher; `change_fen` is None where only a reservation came or went."""

    at: datetime
    what: str
    change_fen: int | None
    amount_fen: int
    reference: str


REASONS = {
    "issue": gettext_lazy("Issued"),
    "usage": gettext_lazy("Paid for a bill"),
    "expiry": gettext_lazy("Expired, returned to the budget"),
    "revocation": gettext_lazy("Revoked, returned to the budget"),
    "reversal": gettext_lazy("Correction"),
}
HOLD_KINDS = {
    "hold": gettext_lazy("Reserved"),
    "release": gettext_lazy("Reservation released"),
    "expire": gettext_lazy("Reservation lapsed"),
}


def reasons(assessment: Assessment) -> list[Reason]:
    """Every rule of a live assessment."""
    return [
        Reason(
            text=f"{wording.RULES[check.rule]}{_colon()}{wording.said(check.words)}",
            verdict=Verdict(check.outcome),
            detail=_("Seen: %(value)s") % {"value": wording.said(check.saw)},
            source=_joined(check.source, check.article),
        )
        for check in assessment.checks
    ]


def stored_reasons(record: dict[str, Any]) -> list[Reason]:
    """Every rule of the record kept with a decision, as it was said then."""
    return [
        Reason(
            text=f"{wording.RULES.get(check['rule'], check['rule'])}{_colon()}{_stored(check['words'])}",
            verdict=Verdict(check["outcome"]),
            detail=_("Seen: %(value)s") % {"value": _stored(check["saw"])},
            source=_joined(check["source"], check["article"]),
        )
        for check in record.get("checks", [])
    ]


def sum_in_words(assessment: Assessment) -> str:
    """How the amount came about: base × rate, rounding, cap."""
    return how(
        assessment.base_fen,
        rule_words.share(assessment.rate),
        assessment.rounding,
        assessment.wanted_fen,
        assessment.binding_cap,
        assessment.amount_fen,
    )


def how(
    base_fen: int, rate: str, rounding: str, wanted_fen: int, binding_cap: str, amount_fen: int
) -> str:
    """One sentence of arithmetic."""
    text = _("%(base)s × %(rate)s = %(wanted)s (%(rounding)s)") % {
        "base": yuan(base_fen),
        "rate": rate,
        "wanted": yuan(wanted_fen),
        "rounding": wording.said(rule_words.NAMES[rounding]),
    }
    if binding_cap and amount_fen:
        text += _("; limited to %(amount)s by the %(cap)s") % {
            "amount": yuan(amount_fen),
            "cap": wording.CAPS[binding_cap],
        }
    return text


def rule_lines(scheme: Scheme) -> list[RuleLine]:
    """All rules of a scheme in words."""
    rules = from_json(scheme.rules)
    return [
        _line(_("Share"), rule_words.share(rules.rate.value), rules.rate),
        *_limits(rules),
        _line(
            _("Validity"),
            ngettext("%(n)d month", "%(n)d months", rules.validity_months.value)
            % {"n": rules.validity_months.value},
            rules.validity_months,
        ),
        _line(
            _("Public notice"),
            ngettext("%(n)d day", "%(n)d days", rules.notice_days.value)
            % {"n": rules.notice_days.value}
            if rules.notice_days.value
            else _("none"),
            rules.notice_days,
        ),
        _line(_("Rounding"), _named(rules.rounding.value), rules.rounding),
        *_who(rules),
        *_what(rules),
        _line(
            _("Settlement rhythm"), _named(rules.settlement_period.value), rules.settlement_period
        ),
        _line(_("Redeemed by"), _named(rules.redeemed_by.value), rules.redeemed_by),
        _line(
            _("Transferability"),
            _("Own use only; not to be transferred, given, sold or lent"),
            rules.transferable,
        ),
    ]


def share_text(scheme: Scheme) -> str:
    """The share of the planned spend, such as 30%."""
    return rule_words.share(from_json(scheme.rules).rate.value)


def kind_labels(scheme: Scheme) -> str:
    """The kinds of vouchers in one line."""
    return _list([str(VoucherKind(kind).label) for kind in scheme.voucher_kinds])


def voucher_share(voucher: Voucher) -> str:
    """The part of a bill that a voucher pays, such as 30%."""
    return rule_words.share(Fraction(voucher.share_numerator, voucher.share_denominator))


def history(lines: Sequence[Line]) -> list[HistoryLine]:
    """Movements of a voucher in words."""
    return [
        HistoryLine(
            line.at,
            str(REASONS.get(line.reason, line.reason))
            if line.kind in POSTED_KINDS
            else str(HOLD_KINDS[line.kind]),
            line.change_fen if line.kind in POSTED_KINDS else None,
            abs(line.change_fen),
            line.reference,
        )
        for line in lines
    ]


def who_may_apply(scheme: Scheme) -> str:
    """One line for the list of schemes."""
    lines = [line.text for line in _who(from_json(scheme.rules))]
    return ("；" if _is_chinese() else "; ").join(lines) or _(
        "Enterprises of every size and industry"
    )


def shares(entry: WalletEntry) -> VoucherShares:
    """A wallet entry as the bar of the page."""
    return VoucherShares(
        entry.face_fen,
        entry.available_fen,
        entry.held_fen,
        entry.redeemed_fen,
        entry.expired_fen,
        entry.revoked_fen,
    )


def timeline(
    application: Application,
    reviews: Sequence[Review],
    notice: PublicNotice | None,
    issued_at: datetime | None,
) -> list[Moment]:
    """The steps of an application: done with date and person, the present one with who has it, the rest."""
    bureau = application.scheme.bureau.name
    by_stage = {review.stage: review for review in reviews}
    first, second = by_stage.get("first"), by_stage.get("second")
    firm = application.enterprise.name
    steps: list[tuple[str, datetime | None, str, str]] = [
        (_("Prepared"), application.prepared_at, _person(application.prepared_by), firm),
        (
            _("Signed and handed in"),
            application.submitted_at,
            _person(application.submitted_by),
            firm,
        ),
        (_("First review"), first.decided_at if first else None, bureau, bureau),
        (_("Second review"), second.decided_at if second else None, bureau, bureau),
    ]
    if from_json(application.scheme.rules).notice_days.value:
        ended = notice.published_at if notice else None
        steps.append((_("Public notice"), ended, bureau, bureau))
    steps.append((_("Voucher issued"), issued_at, bureau, bureau))
    return list(_moments(application, steps, notice))


def _moments(
    application: Application,
    steps: Iterable[tuple[str, datetime | None, str, str]],
    notice: PublicNotice | None,
) -> Iterable[Moment]:
    over = application.status in {Status.REJECTED, Status.WITHDRAWN}
    yield Moment(_("Begun"), "done", application.created_at, str(application.created_by))
    waiting = False
    for what, at, done_by, has_it in steps:
        if at is not None:
            until = notice.last_day if notice and what == _("Public notice") else None
            yield Moment(what, "done", at, done_by, until)
            continue
        if over:
            break
        state: Literal["now", "later"] = "later" if waiting else "now"
        yield Moment(what, state, who=has_it if state == "now" else "")
        waiting = True
    if over:
        yield Moment(str(application.get_status_display()), "stopped")


def _limits(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.minimum:
        found.append(_line(_("Least amount"), yuan(rules.minimum.value), rules.minimum))
    if rules.firm_year_cap:
        words = _("%(amount)s for one enterprise in a year") % {
            "amount": yuan(rules.firm_year_cap.value)
        }
        found.append(_line(_("Yearly limit"), words, rules.firm_year_cap))
    if rules.voucher_cap:
        found.append(
            _line(_("Limit for one voucher"), yuan(rules.voucher_cap.value), rules.voucher_cap)
        )
    return found


def _who(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.sizes:
        order = [
            each for each in ("large", "medium", "small", "micro") if each in rules.sizes.value
        ]
        found.append(_line(_("Sizes"), wording.said(rule_words.named(order)), rules.sizes))
    if rules.sections:
        letters = sorted(rules.sections.value)
        english = [industries.SECTIONS[letter].name_en for letter in letters]
        chinese = [industries.SECTIONS[letter].name for letter in letters]
        words = Words("、".join(chinese), ", ".join(english))
        found.append(_line(_("Industries"), wording.said(words), rules.sections))
    if rules.applicant_regions:
        places = [region_name(code) for code in sorted(rules.applicant_regions.value)]
        found.append(_line(_("Registered in"), _list(places), rules.applicant_regions))
    return found


def _what(rules: SchemeRules) -> list[RuleLine]:
    own, found = rules.coverage, []
    if own.layers:
        names = [str(Layer(each).label) for each in sorted(own.layers.value)]
        found.append(_line(_("Pays for"), _list(names), own.layers))
    if own.meters:
        names = [str(Meter(each).label) for each in sorted(own.meters.value)]
        found.append(_line(_("Pays for"), _list(names), own.meters))
    if own.regions:
        places = [region_name(code) for code in sorted(own.regions.value)]
        found.append(_line(_("Facilities in"), _list(places), own.regions))
    if own.providers:
        found.append(_line(_("Providers"), _list(sorted(own.providers.value)), own.providers))
    if own.domestic_chip and own.domestic_chip.value:
        found.append(_line(_("Chips"), _("domestic chips only"), own.domestic_chip))
    return found


def _line(name: str, text: str, value: Sourced[Any]) -> RuleLine:
    return RuleLine(name, text, _joined(value.source, value.article))


def _joined(source: str, article: str) -> str:
    separator = "，" if _is_chinese() else ", "
    return separator.join(part for part in (source, article) if part)


def _named(value: str) -> str:
    return wording.said(rule_words.NAMES[value])


def _stored(words: dict[str, str]) -> str:
    return words["zh" if _is_chinese() else "en"]


def _list(parts: Sequence[str]) -> str:
    return ("、" if _is_chinese() else ", ").join(parts)


def _person(person: Any) -> str:
    return str(person) if person else ""


def _colon() -> str:
    return "：" if _is_chinese() else ": "


def _is_chinese() -> bool:
    return wording.language().startswith("zh")
