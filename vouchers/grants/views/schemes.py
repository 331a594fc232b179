"""Pages of schemes: open ones for everybody, drafts and publication for their bureau."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ActorRequest, SignedInRequest, can, public, require
from accounts.permissions import Permission
from common.components import Fact
from common.display import money_text
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from common.periods import local_day
from vouchers.grants.actions import schemes
from vouchers.grants.forms import posted
from vouchers.grants.forms.schemes import SchemeForm
from vouchers.grants.models import Scheme
from vouchers.grants.rules import drafting
from vouchers.grants.shown import rulebook

TOKEN_METERS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
ITSELF = {
    "name",
    "name_en",
    "slug",
    "voucher_kinds",
    "region",
    "budget_fen",
    "opens_on",
    "closes_on",
}


@public
@require_safe
def scheme_list(request: ActorRequest) -> HttpResponse:
    """List schemes: open ones first."""
    rows = Scheme.objects.visible_to(request.actor).select_related("bureau")
    page = page_of(rows.order_by("-closes_on", "pk"), request, size=12)
    context = {
        "page_obj": page,
        "cards": cards(list(page), timezone.now()),
        "may_write": can(request.actor, Permission.SCHEME_MANAGE),
    }
    return render(request, "vouchers/scheme_list.html", context)


@public
@require_safe
def scheme_detail(request: ActorRequest, code: str) -> HttpResponse:
    """Show a scheme's rules in words with their sources."""
    rows = Scheme.objects.visible_to(request.actor).select_related("bureau")
    scheme = get_object_or_404(rows, code=code)
    own = request.actor is not None and request.actor.organization == scheme.bureau
    [card] = cards([scheme], timezone.now())
    context = {
        "card": card,
        "scheme": scheme,
        "lines": rulebook.rule_lines(scheme),
        "missing": rulebook.missing_of(schemes.rules_of(scheme)),
        "pays_elsewhere": rulebook.pays_elsewhere(schemes.rules_of(scheme)),
        "may_design": own and can(request.actor, Permission.SCHEME_MANAGE),
        "may_assess": own
        and scheme.status != "draft"
        and can(request.actor, Permission.APPLICATION_REVIEW),
        "may_publish": own
        and scheme.status == "draft"
        and scheme.is_complete
        and can(request.actor, Permission.SCHEME_MANAGE),
        "may_apply": card["is_open"] and can(request.actor, Permission.APPLICATION_PREPARE),
    }
    return render(request, "vouchers/scheme_detail.html", context)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_create(request: SignedInRequest) -> HttpResponse:
    """Write a scheme from its key numbers."""
    form = SchemeForm(posted(request), initial={"region": request.actor.own().region})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = schemes.create(
                by=request.actor,
                rules=rules_of(data),
                source=data["source"],
                at=timezone.now(),
                **{name: data[name] for name in ITSELF},
            )
        except DomainError as error:
            add_refusal(form, _at_fields(error, rules_of(data)))
        else:
            messages.success(request, _("The draft is saved. Check it, then publish it."))
            return redirect("vouchers:scheme_detail", made.code)
    status = 422 if form.errors else 200
    return render(request, "vouchers/scheme_create.html", {"form": form}, status=status)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_publish(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then open a scheme to applications."""
    scheme = get_object_or_404(Scheme.objects.visible_to(request.actor), code=code)
    if request.method == "POST":
        schemes.publish(by=request.actor, scheme=scheme, at=timezone.now())
        messages.success(request, _("The scheme is open and its budget is on the ledger."))
        return redirect("vouchers:scheme_detail", scheme.code)
    context = {
        "question": _("Publish this scheme?"),
        "facts": [
            Fact(_("Scheme"), scheme.title),
            Fact(_("Budget"), money_text(scheme.budget_fen)),
            Fact(_("Application dates"), f"{scheme.opens_on} – {scheme.closes_on}"),
        ],
        "warning": _warning(scheme),
        "action": _("Publish"),
        "cancel_url": reverse("vouchers:scheme_detail", args=[scheme.code]),
    }
    return render(request, "common/confirm.html", context)


def cards(rows: list[Scheme], at: Any) -> list[dict[str, Any]]:
    """What the list says about each scheme. One query."""
    left = schemes.budgets_left_fen(schemes=rows)
    day = local_day(at)
    return [
        {
            "scheme": row,
            "yearly_limit": rulebook.yearly_limit(row),
            "left_fen": left[row.code] if row.status != "draft" else row.budget_fen,
            "used_fen": row.budget_fen - left[row.code] if row.status != "draft" else 0,
            "share": rulebook.share_text(row),
            "who": rulebook.who_may_apply(row),
            "kinds": rulebook.kind_labels(row),
            "is_open": row.status == "published" and row.opens_on <= day <= row.closes_on,
            "today": day,
        }
        for row in rows
    ]


def rules_of(data: dict[str, Any]) -> dict[str, Any]:
    """The rules as data from the key numbers of the form."""
    return drafting.draft(
        **{
            name: data[name]
            for name in (
                "source", "article", "rate", "validity_months", "notice_days", "minimum_yuan",
                "firm_year_cap_yuan", "voucher_cap_yuan", "rounding", "settlement_period", "sizes",
            )
        },
        meters=TOKEN_METERS if data["token_only"] else (),
        facility_regions=[data["region"]] if data["in_region_only"] else (),
    )  # fmt: skip


def _warning(scheme: Scheme) -> str:
    """What whoever publishes should know."""
    words = [_("The rules and the budget of a published scheme are not changed any more.")]
    if rulebook.pays_elsewhere(schemes.rules_of(scheme)):
        words.append(_("It issues no vouchers: the bureau pays approved amounts out itself."))
    return " ".join(words)


def _at_fields(error: DomainError, rules: dict[str, Any]) -> DomainError:
    """Faults of rules at the fields that they were typed into."""
    error.errors = {
        drafting.field_of(name.removeprefix("rules/"), rules) if "/" in name else name: text
        for name, text in error.errors.items()
    }
    return error
