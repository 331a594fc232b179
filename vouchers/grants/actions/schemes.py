"""Schemes: write, publish."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.money import MAX_FEN
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.models import Scheme, SchemeStatus, VoucherKind
from vouchers.grants.rules import schemes as rules
from vouchers.grants.rules.schemes import from_json
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

TRANSITIONS: states.Transitions = {
    SchemeStatus.DRAFT: frozenset({SchemeStatus.PUBLISHED}),
    SchemeStatus.PUBLISHED: frozenset({SchemeStatus.CLOSED}),
}


class SchemeInvalid(DomainError):
    """The scheme cannot be written like this; `errors` names each field or rule by its path."""

    code = "scheme_invalid"


class SchemeIncomplete(Conflict):
    """Figures are missing; such a scheme is never published."""

    code = "scheme_incomplete"


class SamePublisher(Forbidden):
    """Who wrote a scheme does not publish it."""

    code = "same_publisher"


class SchemeOver(Conflict):
    """The last day of applications has passed."""

    code = "scheme_over"


@transaction.atomic
def create(
    *,
    by: Actor,
    slug: str,
    name: str,
    name_en: str,
    voucher_kinds: Sequence[str],
    region: str,
    rules: dict[str, Any],
    budget_fen: int,
    opens_on: date,
    closes_on: date,
    source: str,
    at: datetime,
    text: str = "",
) -> Scheme:
    """Write a draft of a scheme; the same slug again makes its next version.

    `rules` is read by vouchers.grants.rules.schemes; `text` is the YAML that they were written in, if any. Budget in
    fen. Rules that name missing figures can be written. Raises SchemeInvalid naming every fault.
    """
    bureau = _bureau_of(by)
    _require_sound(voucher_kinds, rules, budget_fen, opens_on, closes_on, source)
    scheme = Scheme(
        code=new_code("SC"),
        slug=slug,
        version=_next_version(slug, bureau),
        bureau=bureau,
        name=name.strip(),
        name_en=name_en.strip(),
        voucher_kinds=sorted(set(voucher_kinds)),
        region=region,
        rules=rules,
        text=text,
        is_complete=not from_json(rules).missing,
        budget_fen=budget_fen,
        opens_on=opens_on,
        closes_on=closes_on,
        source=source.strip(),
        created_at=at,
        created_by=by.user,
    )
    _insert(scheme)
    trail.record(by=by, at=at, verb="written", subject=scheme, data={"version": scheme.version})
    return scheme


@transaction.atomic
def publish(*, by: Actor, scheme: Scheme, at: datetime) -> Scheme:
    """Open the scheme to applications and put its budget on the ledger: treasury → scheme budget.

    Another human than the one who wrote it. Locks the scheme. A second publication answers the published scheme.
    Raises Forbidden, SamePublisher, SchemeIncomplete, SchemeOver, SchemeInvalid when the stored rules can no longer
    be read.
    """
    by.require(Permission.SCHEME_MANAGE)
    rows = Scheme.objects.select_for_update(of=("self",)).select_related("bureau", "created_by")
    locked = rows.get(pk=scheme.pk)
    _require_own(by, locked)
    if locked.status == SchemeStatus.PUBLISHED:
        return locked
    if locked.created_by.is_same_person(by.user):
        raise SamePublisher(
            _("You wrote this scheme. Another officer of the bureau must check and publish it.")
        )
    _require_publishable(locked, at)
    states.move(
        locked,
        to=SchemeStatus.PUBLISHED,
        transitions=TRANSITIONS,
        published_at=at,
        published_by=by.user,
    )
    treasury = accounts.get_or_open(kind=AccountKind.TREASURY, key=locked.bureau.code)
    budget = accounts.get_or_open(kind=AccountKind.SCHEME_BUDGET, key=locked.code)
    appropriation = transfers.Entry(
        id=transfers.derive_id("appropriation", locked.code),
        debit=treasury.pk,
        credit=budget.pk,
        amount_fen=locked.budget_fen,
        reason="appropriation",
        reference=locked.code,
    )
    transfers.post(entries=[appropriation], at=at)
    trail.record(
        by=by, at=at, verb="published", subject=locked, data={"budget_fen": locked.budget_fen}
    )
    return locked


def rules_of(scheme: Scheme) -> rules.SchemeRules:
    """The scheme's rules, read."""
    return rules.from_json(scheme.rules)


def budgets_left_fen(*, schemes: Sequence[Scheme]) -> dict[str, int]:
    """What is left of each scheme's budget in fen, by code. One query."""
    return accounts.balances_fen(
        kind=AccountKind.SCHEME_BUDGET, keys=[scheme.code for scheme in schemes]
    )


def _bureau_of(by: Actor) -> Organization:
    by.require(Permission.SCHEME_MANAGE)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau can write a scheme."))
    return by.own()


def _next_version(slug: str, bureau: Organization) -> int:
    """The version after the last one; a short name belongs to the bureau that used it first."""
    earlier = Scheme.objects.filter(slug=slug)
    if earlier.exclude(bureau=bureau).exists():
        words = _("Another bureau uses this short name. Choose another one.")
        raise SchemeInvalid(words, errors={"slug": words})
    return int(earlier.aggregate(last=Max("version"))["last"] or 0) + 1


def _require_sound(
    kinds: Sequence[str],
    data: dict[str, Any],
    budget_fen: int,
    opens_on: date,
    closes_on: date,
    source: str,
) -> None:
    faults = _faults(kinds, data, budget_fen, opens_on, closes_on, source)
    if faults:
        raise SchemeInvalid(
            _("Some rules of the scheme cannot stand. Correct them."), errors=faults
        )


def _faults(
    kinds: Sequence[str],
    data: dict[str, Any],
    budget_fen: int,
    opens_on: date,
    closes_on: date,
    source: str,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not kinds or not set(kinds) <= set(VoucherKind.values):
        found["voucher_kinds"] = wording.FAULTS["unknown_choice"]
    if isinstance(budget_fen, bool) or not isinstance(budget_fen, int):
        found["budget_fen"] = wording.FAULTS["not_a_whole_number"]
    elif not 0 < budget_fen <= MAX_FEN:
        found["budget_fen"] = wording.FAULTS["out_of_range" if budget_fen > 0 else "not_positive"]
    if closes_on < opens_on:
        found["closes_on"] = _("The last day lies before the first day.")
    if not source.strip():
        found["source"] = wording.FAULTS["missing"]
    try:
        rules.from_json(data)
    except rules.RulesInvalid as error:
        for fault in error.faults:
            found[f"rules/{fault.path}"] = wording.fault(fault.code, fault.hint)
    return found


def _require_publishable(scheme: Scheme, at: datetime) -> None:
    if scheme.closes_on < local_day(at):
        raise SchemeOver(
            _("The last day of applications has passed. Write a new version with later dates.")
        )
    try:
        found = rules_of(scheme)
    except rules.RulesInvalid as error:
        raise SchemeInvalid(_("Some rules of the scheme cannot stand. Correct them.")) from error
    if found.missing:
        names = wording.listed([wording.said(each.words) for each in found.missing])
        raise SchemeIncomplete(
            _("Figures are missing: %(names)s. Write a new version that states them.")
            % {"names": names}
        )


def _require_own(by: Actor, scheme: Scheme) -> None:
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))


def _insert(scheme: Scheme) -> None:
    """Save; two officers writing one slug at the same moment make one version each or a clear refusal."""
    try:
        with transaction.atomic():
            scheme.save()
    except IntegrityError as error:
        raise Conflict(
            _("Somebody else changed this a moment ago. Reload the page to see the present state.")
        ) from error
