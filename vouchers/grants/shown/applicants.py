"""What an officer holds beside the rules: facts of the applicant, its size explained, its history."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organization, Size
from accounts.rules import sizes
from accounts.wording import industry_name, region_name, size_reasons, size_sentence
from common.components import Fact
from common.display import grouped, money_wan_text
from vouchers.grants import wording
from vouchers.grants.actions import answers, snapshots
from vouchers.grants.models import Application, EvidenceKind
from vouchers.grants.rules.differences import Difference
from vouchers.grants.shown import summaries


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was, in words."""

    label: str
    before: str
    after: str


def beside(application: Application) -> dict[str, Any]:
    """Everything shown next to the checks. Two queries."""
    firm = application.enterprise
    return {
        "facts": facts(firm),
        "history": list(
            Application.objects.filter(enterprise=firm, submitted_at__isnull=False)
            .exclude(pk=application.pk)
            .select_related("scheme")
            .order_by("-submitted_at", "-pk")[:10]
        ),
        "decisions": [
            (review, wording.refusal(review.reason) if review.reason else "")
            for review in application.reviews.select_related("decided_by").order_by("pk")
        ],
        **size(firm),
    }


def facts(firm: Organization) -> list[Fact]:
    """The register's figures."""
    return [
        Fact(_("Enterprise"), firm.name),
        Fact(_("Unified social credit code"), firm.uscc),
        Fact(_("Legal representative"), firm.legal_person or "—"),
        Fact(_("Place of registration"), region_name(firm.region)),
        Fact(_("Industry"), industry_name(firm.industry)),
        Fact(_("Employees"), "—" if firm.employees is None else grouped(firm.employees)),
        Fact(_("Annual revenue"), _amount(firm.revenue_fen)),
        Fact(_("Total assets"), _amount(firm.assets_fen)),
        Fact(_("Size"), firm.get_size_display()),
    ]


def size(firm: Organization) -> dict[str, Any]:
    """Why the enterprise has its size, by the national standard."""
    try:
        sizing = sizes.classify(
            industry=firm.industry,
            employees=firm.employees,
            revenue_fen=firm.revenue_fen,
            assets_fen=firm.assets_fen,
        )
    except ValueError:
        return {"size_sentence": "", "size_reasons": []}
    return {"size_sentence": size_sentence(sizing), "size_reasons": size_reasons(sizing)}


def since_first_review(application: Application) -> list[Change] | None:
    """What the second reviewer must know; None at the first review."""
    found = snapshots.since_first_review(application=application)
    return None if found is None else [_change(application, each) for each in found]


def _change(application: Application, found: Difference) -> Change:
    part, name = found.path[0], found.path[-1]
    if part == "answers":
        label = answers.field_label(application, name)
        before, after = (
            summaries.field_value(application, name, value) for value in (found.before, found.after)
        )
        return Change(label, before, after)
    if part == "evidence":
        kind = EvidenceKind(name.partition("/")[0])
        return Change(str(kind.label), found.before or "—", found.after or "—")
    return Change(
        str(_labels().get(name, name)), _value(name, found.before), _value(name, found.after)
    )


def _labels() -> dict[str, Any]:
    """What each value of the profile is called."""
    own = {field.name: field.verbose_name for field in Organization._meta.concrete_fields}  # noqa: SLF001 - documented API
    return own | {"size_standard": _("Edition of the size standard")}


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if name.endswith("_fen"):
        return money_wan_text(value)
    if name == "size":
        return str(Size(value).label)
    if name == "region":
        return region_name(value)
    return industry_name(value) if name == "industry" else str(value)


def _amount(fen: int | None) -> str:
    return "—" if fen is None else money_wan_text(fen)
