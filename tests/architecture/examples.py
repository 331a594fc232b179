"""One example for each kind of object that an address names: somebody's, and nobody else's business.

Keyed by the beginning of a pattern (without `api/v1/`), so a new verb of a known noun is covered at
once and a new noun without an example fails. A wing adds its nouns here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from accounts.access import Actor
from accounts.actions import notifications
from accounts.models import ApiKey, Membership, Notification, OrganizationKind, Role
from accounts.permissions import ROLES_BY_KIND
from common import jobs
from common.codes import new_code
from common.periods import local_day
from marketplace.catalog.models import BundleStatus
from marketplace.clearing.models import RoundOffer
from marketplace.matching.actions import matches
from marketplace.models import Bundle, Need
from marketplace.orders.actions import orders, quotes
from marketplace.trials.actions import terms, trials
from providers.actions import bank_draws, figures, licenses
from providers.models import OfferingStatus, ProviderStatus
from tests.factories import (
    accounts,
    audit,
    bank,
    billing,
    cases,
    clearing,
    experience,
    files,
    grants,
    marketplace,
    providers,
)
from tests.factories.accounts import NOW
from tests.factories.refunds import Payback
from vouchers.audit.actions import (
    case_entries,
    dispute_entries,
    disputes,
    risk_scans,
    rooms,
    samples,
    write_offs,
)
from vouchers.audit.models import Recovery, RiskFlag
from vouchers.billing.models import BillStatus, UsageBatch
from vouchers.grants.actions import (
    desk,
    letters,
    notices,
    objections,
    queue,
    revocations,
    supplements,
)
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    BulkRun,
    LetterKind,
    SchemeStatus,
)


@dataclass(frozen=True, slots=True)
class Example:
    """Values of the pattern's parameters, who may see the object, and an unknown one's values.

    `shared` names kinds of organizations that may all see it, with the reason in the example.
    """

    values: dict[str, str]
    owners: tuple[Actor, ...]
    unknown: dict[str, str]
    shared: frozenset[str] = field(default_factory=frozenset)


def _coded(code: str, *owners: Actor, shared: frozenset[str] = frozenset()) -> Example:
    unknown = new_code(code.partition("-")[0]) if "-" in code else "ZZZZZZZZ"
    return Example({"code": code}, owners, {"code": unknown}, shared)


def everything(organization: object, kind: str) -> Actor:
    """A person with every role of the kind that one person may hold."""
    roles = sorted(ROLES_BY_KIND[kind] - {Role.PREPARER})
    return accounts.member(organization, *roles)  # type: ignore[arg-type]


def membership() -> Example:
    boss = accounts.signatory()
    return _coded(Membership.objects.get(user=boss.user).code, boss)


def organization() -> Example:
    boss = accounts.signatory()
    return _coded(boss.own().code, boss)


def key() -> Example:
    boss = accounts.signatory()
    made = ApiKey.objects.create(
        organization=boss.own(), name="k", prefix="ABCDEFGH", secret_sha256=b"x" * 32, scopes=[],
        created_at=NOW, created_by=boss.user, expires_at=NOW,
    )  # fmt: skip
    return _coded(made.prefix, boss)


def job() -> Example:
    boss = accounts.signatory()
    made = jobs.start(kind="any", owner_id=boss.user.pk, total_count=1, at=NOW)
    return _coded(made.code, boss)


def provider() -> Example:
    """Any bureau may verify a provider, so all of them see it."""
    made = providers.provider(status=ProviderStatus.SUBMITTED, decided_at=None, decided_by=None)
    owner = accounts.officer()
    return _coded(made.code, owner, shared=frozenset({OrganizationKind.BUREAU}))


def offering() -> Example:
    owner = providers.provider()
    made = providers.offering(owner, status=OfferingStatus.DRAFT, listed_at=None, listed_by=None)
    return _coded(made.code, everything(owner.organization, OrganizationKind.PROVIDER))


def subscription() -> Example:
    made = providers.subscription()
    return _coded(made.code, accounts.signatory(made.enterprise))


def facility() -> Example:
    made = providers.idle_facility()
    return _coded(made.code, everything(made.provider.organization, OrganizationKind.PROVIDER))


def pool() -> Example:
    made = providers.facility(kind="sme_pool", spec={"contributors": 2, "cards": 1})
    return _coded(made.code, everything(made.provider.organization, OrganizationKind.PROVIDER))


def window() -> Example:
    made = bank.exchange()
    shown = made.facility.idle_windows.first()  # type: ignore[union-attr]
    assert shown is not None
    return _coded(shown.code, everything(made.provider.organization, OrganizationKind.PROVIDER))


def deposit() -> Example:
    here, saver = bank.exchange(), bank.firm()
    made = bank.propose(saver, here, bank.HOUR)
    return _coded(
        made.code, saver, everything(here.provider.organization, OrganizationKind.PROVIDER)
    )


def draw() -> Example:
    here, there, saver = bank.exchange(), bank.exchange(), bank.firm()
    bank.deposit(saver, here, bank.HOUR)
    bank.deposit(bank.firm(), there, bank.HOUR)
    made = bank_draws.draw(
        by=saver, offering=there, month=bank.NOVEMBER, card_seconds=1, reference="x", at=NOW
    )
    return _coded(made.code, saver)


def scheme() -> Example:
    made = grants.scheme(status=SchemeStatus.DRAFT, published_at=None, published_by=None)
    return _coded(made.code, everything(made.bureau, OrganizationKind.BUREAU))


def scheme_to_settle() -> Example:
    made = grants.scheme()
    owner = everything(made.bureau, OrganizationKind.BUREAU)
    return Example({"scheme_code": made.code}, (owner,), {"scheme_code": new_code("SC")})


def period_to_lock() -> Example:
    city = audit.City()
    city.draft()
    found = {"scheme_code": city.scheme.code, "month": f"{billing.MONTH:%Y-%m}"}
    return Example(found, (city.officer,), {**found, "scheme_code": new_code("SC")})


def running_scheme() -> Example:
    made = grants.scheme()
    reviewer = accounts.officer(made.bureau, Role.REVIEWER)
    return _coded(made.code, everything(made.bureau, OrganizationKind.BUREAU), reviewer)


def application() -> Example:
    made = grants.application(status=ApplicationStatus.SUBMITTED)
    owners = (
        accounts.preparer(made.enterprise),
        accounts.signatory(made.enterprise),
        everything(made.scheme.bureau, OrganizationKind.BUREAU),
    )
    return _coded(made.code, *owners)


def supplement() -> Example:
    example = application()
    asked = Application.objects.get(code=example.values["code"])
    officer = accounts.officer(asked.scheme.bureau, Role.REVIEWER)
    queue.claim(by=officer, application=asked, version=0, at=NOW)
    supplements.ask(
        by=officer,
        application=asked,
        remarks=[("purpose", "请补充")],
        due_on=local_day(NOW) + timedelta(days=5),
        at=NOW,
    )
    return example


def voucher() -> Example:
    made = grants.voucher()
    owners = (
        accounts.signatory(made.enterprise),
        everything(made.scheme.bureau, OrganizationKind.BUREAU),
    )
    return _coded(made.code, *owners)


def remark() -> Example:
    owner = everything(accounts.bureau(), OrganizationKind.BUREAU)
    made = desk.add_remark(by=owner, use="review", text="属实", at=NOW)
    return _coded(made.code, owner)


def letter() -> Example:
    made = grants.application(status=ApplicationStatus.SUBMITTED)
    sent = letters.send(
        kind=LetterKind.ACCEPTED, application=made, occasion="test", at=NOW, until=NOW.date()
    )
    owners = (
        accounts.preparer(made.enterprise),
        everything(made.scheme.bureau, OrganizationKind.BUREAU),
    )
    return _coded(sent.code, *owners)


def bulk_run() -> Example:
    office = accounts.bureau()
    proposer = everything(office, OrganizationKind.BUREAU)
    made = BulkRun.objects.create(
        code=new_code("BK"), bureau=office, verb="pass", status="proposed", item_count=1, total_fen=0,
        needs_second=True, proposed_at=NOW, proposed_by=proposer.user,
    )  # fmt: skip
    return _coded(made.code, everything(office, OrganizationKind.BUREAU), proposer)


def revocation() -> Example:
    made = grants.voucher()
    proposer = everything(made.scheme.bureau, OrganizationKind.BUREAU)
    asked = revocations.propose(by=proposer, voucher=made, reason="x", at=NOW)
    return _coded(asked.code, everything(made.scheme.bureau, OrganizationKind.BUREAU), proposer)


def claim() -> Example:
    city = audit.City()
    made = city.submitted()
    return _coded(made.code, city.finance, city.auditor)


def refund() -> Example:
    """The provider is asked to confirm what a firm asks back."""
    payback = Payback()
    return _coded(payback.sent().code, payback.city.finance)


def settlement() -> Example:
    city = audit.City()
    made = city.settlement()
    return _coded(made.code, city.officer, city.second, city.auditor)


def risk_flag() -> Example:
    city = audit.City()  # everybody's legal person has one name, so firm and provider are tied
    city.submitted()
    risk_scans.scan(at=NOW)
    return _coded(RiskFlag.objects.order_by("pk")[0].code, city.auditor)


def sample() -> Example:
    city = audit.City()
    made = audit.sample(city)
    return _coded(made.code, city.auditor)


def sample_item() -> Example:
    """The items are there once the sample is drawn, with the block that was sealed after its list."""
    city = audit.City()
    made = audit.sample(city)
    audit.sealed(NOW + timedelta(minutes=1))
    samples.draw(by=city.auditor, sample=made, at=NOW + timedelta(minutes=2))
    return _coded(made.code, city.auditor)


def case() -> Example:
    desk = cases.Desk()
    made = desk.case()
    case_entries.attach(by=desk.first, case=made, file=files.upload(), at=NOW)
    return _coded(made.code, desk.first, desk.second)


def inquiry() -> Example:
    """The provider was asked; the firm, the other party, was not and sees nothing."""
    desk = cases.Desk()
    return _coded(desk.asked().code, desk.provider)


def _owed() -> tuple[cases.Desk, Recovery]:
    """A provider that was paid already and owes all of it."""
    desk = cases.Desk()
    looked_at = desk.case(desk.city.paid(3_000).claims.get().lines.get().bill)
    desk.signed(looked_at, desk.recovering(looked_at, 3_000))
    return desk, Recovery.objects.get(case=looked_at)


def debt() -> Example:
    desk, owed = _owed()
    return _coded(owed.case.code, desk.city.officer, desk.first)


def due() -> Example:
    """The provider owes it; the firm, the other party, does not see it here."""
    desk, owed = _owed()
    return _coded(owed.case.code, desk.provider)


def write_off() -> Example:
    desk, owed = _owed()
    made = write_offs.propose(by=desk.city.officer, recovery=owed, amount_fen=1, reason="x", at=NOW)
    return _coded(made.code, desk.city.second)


def dispute() -> Example:
    city = audit.City()
    made = city.bill(3_000, status=BillStatus.CLOSED)
    owner = accounts.signatory(made.enterprise)
    opened = disputes.open_dispute(by=owner, bill=made, reason="x", at=NOW)
    dispute_entries.say(by=city.finance, dispute=opened, file=files.upload(), at=NOW)
    return _coded(opened.code, owner, city.finance, city.auditor)


def room_pass() -> Example:
    office = accounts.bureau()
    officer = everything(office, OrganizationKind.BUREAU)
    made = rooms.grant(
        by=officer, email=accounts.user().email, purpose="x", last_day=local_day(NOW), at=NOW
    )
    return _coded(made.code, everything(office, OrganizationKind.BUREAU))


def room() -> Example:
    """Open to one person, whatever organizations there are; the bureau that granted it has its own page."""
    auditor = accounts.member(accounts.bureau(), Role.VIEWER)
    officer = everything(accounts.bureau(), OrganizationKind.BUREAU)
    made = rooms.grant(
        by=officer, email=auditor.user.email, purpose="x", last_day=local_day(NOW), at=NOW
    )
    return _coded(made.code, auditor)


def bundle() -> Example:
    owner = providers.provider()
    made = marketplace.bundle(
        owner, status=BundleStatus.DRAFT, published_at=None, published_by=None
    )
    return _coded(made.code, everything(owner.organization, OrganizationKind.PROVIDER))


def need() -> Example:
    made = marketplace.need()
    return _coded(made.code, accounts.signatory(made.enterprise))


def need_and_bundle() -> Example:
    made, offered = _matched()
    return Example(
        {"code": made.code, "bundle": offered.code},
        (accounts.signatory(made.enterprise),),
        {"code": new_code("ND"), "bundle": offered.code},
    )


def _matched() -> tuple[Need, Bundle]:
    scene = marketplace.scenario()
    supplier = providers.provider()
    offered = marketplace.bundle(supplier, [providers.token_offering(supplier)], [scene])
    wanted = marketplace.need(scene=scene)
    matches.compute(by=accounts.signatory(wanted.enterprise), need=wanted, at=NOW)
    return wanted, offered


def order() -> Example:
    wanted, offered = _matched()
    buyer = accounts.signatory(wanted.enterprise)
    made = orders.place(by=buyer, need=wanted, bundle=offered, at=NOW)
    return _coded(made.code, buyer)


def trial() -> Example:
    bundle = experience.bundle()
    offered = bundle.offerings.get()
    owner = everything(offered.provider.organization, OrganizationKind.PROVIDER)
    terms.state(by=owner, offering=offered, days=14, units={"calls": 9}, at=NOW)
    firm = accounts.signatory()
    return _coded(trials.take(by=firm, offering=offered, at=NOW).code, firm)


def figure() -> Example:
    """Any bureau may verify what a listing declares, so all of them see it."""
    offered = providers.token_offering()
    owner = everything(offered.provider.organization, OrganizationKind.PROVIDER)
    (made,) = figures.declare(by=owner, offering=offered, values={"days_to_first_use": 3}, at=NOW)
    return _coded(made.code, accounts.officer(), shared=frozenset({OrganizationKind.BUREAU}))


def rated_order() -> Example:
    """The publisher answers what its buyer rated."""
    made = experience.order()
    experience.rated(made)
    return _coded(
        made.code, everything(made.bundle.publisher.organization, OrganizationKind.PROVIDER)
    )


def quote() -> Example:
    wanted, offered = _matched()
    buyer = accounts.signatory(wanted.enterprise)
    made = quotes.ask(by=buyer, need=wanted, bundle=offered, at=NOW)
    return _coded(made.code, buyer)


def clearing_round() -> Example:
    town = clearing.Town(1)
    return _coded(
        town.solved().code, town.officer, everything(town.bureau, OrganizationKind.BUREAU)
    )


def round_offer() -> Example:
    town = clearing.Town(1)
    town.applied()
    made = RoundOffer.objects.get()
    return _coded(made.code, accounts.signatory(town.needs[0].enterprise))


def bill() -> Example:
    made = billing.bill(total_fen=100)
    owners = (
        accounts.signatory(made.enterprise),
        everything(made.provider.organization, OrganizationKind.PROVIDER),
    )
    return _coded(made.code, *owners)


def license_of_provider() -> Example:
    """Any bureau may verify a license, so all of them see it."""
    owner = providers.provider()
    by = everything(owner.organization, OrganizationKind.PROVIDER)
    made = licenses.submit(
        by=by, kind="idc", number="B1-1", expires_on=date(2030, 1, 1),
        file=SimpleUploadedFile("scan.png", picture()), at=NOW,
    )  # fmt: skip
    return _coded(made.code, by, accounts.officer(), shared=frozenset({OrganizationKind.BUREAU}))


def usage_batch() -> Example:
    supplier = providers.provider()
    owner = everything(supplier.organization, OrganizationKind.PROVIDER)
    made = UsageBatch.objects.create(
        code=new_code("UB"), provider=supplier, received_at=NOW, received_from=owner.user,
        accepted=1, duplicates=0, conflicts=0, rejected=0,
    )  # fmt: skip
    return _coded(made.code, owner)


def notification() -> Example:
    reader = accounts.signatory()
    with transaction.atomic():
        notifications.send(
            topic="voucher_frozen",
            to=reader.own(),
            key="any",
            url="/wallet/",
            at=NOW,
            data={"code": "VC-1", "reason": "核查"},
        )
    return _coded(Notification.objects.get(user=reader.user).code, reader)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def objection() -> Example:
    asked = grants.application(status=ApplicationStatus.APPROVED, granted_fen=100)
    chief = everything(asked.scheme.bureau, OrganizationKind.BUREAU)
    notice = notices.publish(by=chief, application=asked, at=NOW)
    made = objections.raise_against(
        announcement=notice.announcement, application=asked.code, name="王五",
        contact="0934-8210000", reason="该企业已停产半年。", at=NOW,
        file=SimpleUploadedFile("photo.png", picture()),
    )  # fmt: skip
    return _coded(made.code, chief)


EXAMPLES: dict[str, Callable[[], Example]] = {
    "accounts/organizations/<str:code>/": organization,
    "accounts/team/<str:code>/": membership,
    "members/<str:code>/": membership,
    "accounts/keys/<str:code>/": key,
    "accounts/notifications/<str:code>/": notification,
    "notifications/<str:code>/": notification,
    "keys/<str:code>/": key,
    "jobs/<str:code>/": job,
    "providers/<str:code>/": provider,
    "facilities/<str:code>/windows/": facility,
    "facilities/<str:code>/shares/": pool,
    "windows/<str:code>/": window,
    "bank/deposits/<str:code>/": deposit,
    "bank/draws/<str:code>/": draw,
    "offerings/<str:code>/": offering,
    "supply/<str:code>/": offering,
    "bills/<str:code>/": bill,
    "usage/batches/<str:code>/": usage_batch,
    "usage/batches/<str:code>/result.csv": usage_batch,
    "subscriptions/<str:code>/": subscription,
    "licenses/<str:code>/": license_of_provider,
    "schemes/<str:code>/": scheme,
    "schemes/<str:code>/round/": running_scheme,
    "applications/<str:code>/": application,
    "applications/<str:code>/supplement/": supplement,
    "reviews/<str:code>/": application,
    "remarks/<str:code>/": remark,
    "letters/<str:code>/": letter,
    "bulk/<str:code>/": bulk_run,
    "revocations/<str:code>/": revocation,
    "debts/<str:code>/": debt,
    "dues/<str:code>/": due,
    "write-offs/<str:code>/": write_off,
    "wallet/<str:code>/": voucher,
    "vouchers/<str:code>/": voucher,
    "^vouchers/(?P<code>[^/]+)/": voucher,
    "objections/<str:code>/": objection,
    "notices/new/<str:scheme_code>/": scheme_to_settle,
    "claims/<str:code>/": claim,
    "claims/<str:code>/answer/": refund,
    "claims/<str:code>/confirm/": refund,
    "claims/<str:code>/refuse/": refund,
    "audits/<str:code>/": claim,
    "risks/<str:code>/": risk_flag,
    "samples/<str:code>/": sample,
    "samples/<str:code>/items/<int:position>/": sample_item,
    "cases/<str:code>/": case,
    "inquiries/<str:code>/": inquiry,
    "disputes/<str:code>/": dispute,
    "passes/<str:code>/": room_pass,
    "room/<str:code>/": room,
    "settlements/<str:code>/": settlement,
    "settlements/new/<str:scheme_code>/": scheme_to_settle,
    "settlements/periods/<str:scheme_code>/<month:month>/": period_to_lock,
    "bundles/<str:code>/": bundle,
    "needs/<str:code>/": need,
    "needs/<str:code>/order/<str:bundle>/": need_and_bundle,
    "needs/<str:code>/cost/<str:bundle>/": need_and_bundle,
    "orders/<str:code>/": order,
    "orders/<str:code>/rating/answer/": rated_order,
    "quotes/<str:code>/": quote,
    "trials/<str:code>/": trial,
    "figures/<str:code>/": figure,
    "rounds/<str:code>/": clearing_round,
    "rounds/<str:code>/input.json": clearing_round,
    "offers/<str:code>/": round_offer,
}

NOT_OBJECTS = {
    "protocols/<str:code>/": "a published protocol, the same for everybody",
    "board/desk/<slug:figure>/": "a figure of the board; each bureau finds its own rows in it",
    "board/desk/<slug:figure>.csv": "a figure of the board; each bureau finds its own sums in it",
    "board/<slug:figure>.csv": "a figure of the public board, the same for everybody",
    "precheck/<slug:step>/": "a question, the same for everybody",
    "notices/<str:code>/": "a public notice, the same for everybody",
    "notices/<str:code>/objection/": "a public notice, to which everybody may object",
    "announcements/<str:code>/objections/": "a public notice, to which everybody may object",
    "letter-templates/<slug:kind>/": "an occasion of letters, the same for every bureau",
    "supply/files/<slug:subject>/": "a kind of table, the same for everybody",
    "supply/files/<slug:subject>/template.<slug:form>": "a kind of table, the same for everybody",
    "supply/files/<slug:subject>/export.<slug:form>": "a kind of table; everybody finds the own rows",
    "supply-files/<slug:subject>/": "a kind of table; everybody finds the own rows",
    "facilities/add/<slug:kind>/": "a kind of facility, the same for everybody",
    "needs/new/<slug:slug>/": "a public scenario",
    "scenarios/<slug:slug>/": "a public scenario",
    "needs/shared/<str:token>/": "an address that nobody can guess: whoever was given it may look",
    "periods/<month:month>/": "a calendar month, the same for everybody",
    "usage/statements/<month:month>/": "a calendar month; everybody states the own usage of it",
    "usage/statements/<month:month>/file/": "a calendar month; everybody finds the own usage in it",
    "periods/<month:month>/close/": "a calendar month, the same for everybody",
    "periods/<month:month>/files/<slug:form>/": "a calendar month; everybody finds the own bills in it",
    "bills/months/<month:month>/files/<slug:form>/": "a calendar month; everybody finds the own bills in it",
}
"""Patterns whose parameters name nobody's object."""

FURTHER_VALUES = {
    "verb": "freeze",
    "section": "use",
    "form": "focus",
    "position": "1",
    "file": "00000000-0000-4000-8000-000000000000",
}
"""Values of parameters that are no objects but stand beside one."""


def example_for(path: str) -> Callable[[], Example] | None:
    """The example of the longest known beginning; None when there is none."""
    known = [key for key in EXAMPLES if path.startswith(key)]
    return EXAMPLES[max(known, key=len)] if known else None
