"""Pages of the wallet, and of single vouchers for the bureau."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common.components import Fact
from common.display import moment_text
from common.errors import DomainError
from common.forms import add_refusal
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import extensions, redeemed_caps, revocations, wallets
from vouchers.grants.forms import posted
from vouchers.grants.forms.vouchers import ReasonForm
from vouchers.grants.models import (
    Extension,
    Revocation,
    RevocationStatus,
    Voucher,
    VoucherStatus,
)
from vouchers.grants.shown import balances, trails

VERBS: dict[str, Callable[..., Any]] = {
    "freeze": wallets.freeze,
    "unfreeze": wallets.unfreeze,
    "extend": extensions.extend,
    "revoke": revocations.propose,
}

QUESTIONS = {
    "freeze": (
        gettext_lazy("Freeze this voucher?"),
        gettext_lazy("It pays nothing until it is unfrozen."),
        gettext_lazy("Freeze"),
    ),
    "unfreeze": (
        gettext_lazy("Unfreeze this voucher?"),
        gettext_lazy("It pays again at once."),
        gettext_lazy("Unfreeze"),
    ),
    "extend": (
        gettext_lazy("Extend this voucher?"),
        gettext_lazy("A voucher can be extended only once."),
        gettext_lazy("Extend"),
    ),
    "revoke": (
        gettext_lazy("Propose to revoke this voucher?"),
        gettext_lazy(
            "A second person decides. Then what is left returns to the budget, which cannot be undone."
        ),
        gettext_lazy("Propose to revoke"),
    ),
}


@require(Permission.WALLET_VIEW)
@require_safe
def wallet(request: SignedInRequest) -> HttpResponse:
    """The enterprise's vouchers, usable ones first in the order in which they pay."""
    at = timezone.now()
    found = wallets.entries(enterprise=request.actor.own(), at=at)
    context = {
        "entries": [(entry, balances.shares(entry)) for entry in found],
        "today": local_day(at),
        "total_fen": sum(
            entry.available_fen
            for entry in found
            if entry.voucher.status == "active" and entry.voucher.expires_at > at
        ),
    }
    return render(request, "vouchers/wallet.html", context)


@require(Permission.WALLET_VIEW)
@require_safe
def wallet_voucher(request: SignedInRequest, code: str) -> HttpResponse:
    """One voucher of the own wallet with its history."""
    rows = Voucher.objects.filter(enterprise=request.actor.organization)
    return _detail(request, get_object_or_404(_whole(rows), code=code), {})


@require(Permission.VOUCHER_ISSUE)
@require_safe
def voucher_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """One voucher as the issuing bureau sees it."""
    rows = Voucher.objects.visible_to(request.actor)
    voucher = get_object_or_404(_whole(rows), code=code)
    context = {
        "verbs": _verbs(voucher),
        "trail": trails.of_voucher(voucher),
        "proposals": Revocation.objects.filter(voucher=voucher)
        .select_related("proposed_by", "decided_by")
        .order_by("-pk"),
    }
    return _detail(request, voucher, context)


@require(Permission.VOUCHER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def voucher_step(request: SignedInRequest, code: str, verb: str) -> HttpResponse:
    """Ask for the reason, then freeze, unfreeze or revoke."""
    voucher = get_object_or_404(_whole(Voucher.objects.visible_to(request.actor)), code=code)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            VERBS[verb](
                by=request.actor,
                voucher=voucher,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Recorded."))
            return redirect("vouchers:voucher_detail", voucher.code)
    context = _question(voucher, verb) | {"form": form}
    return render(request, "common/confirm.html", context, status=422 if form.errors else 200)


def _verbs(voucher: Voucher) -> list[tuple[str, str]]:
    """The steps that the present state and the scheme allow."""
    if voucher.status not in wallets.TRANSITIONS or voucher.expires_at <= timezone.now():
        return []
    frozen = voucher.status == VoucherStatus.FROZEN
    steps = [("unfreeze", _("Unfreeze")) if frozen else ("freeze", _("Freeze"))]
    if extensions.allowed(voucher=voucher) and not Extension.objects.filter(voucher=voucher):
        steps.append(("extend", _("Extend")))
    if not Revocation.objects.filter(voucher=voucher, status=RevocationStatus.PROPOSED):
        steps.append(("revoke", _("Propose to revoke")))
    return steps


def _question(voucher: Voucher, verb: str) -> dict[str, Any]:
    question, warning, action = QUESTIONS[verb]
    return {
        "question": question,
        "warning": warning,
        "action": action,
        "danger": verb == "revoke",
        "facts": [
            Fact(_("Voucher"), voucher.code),
            Fact(_("Enterprise"), voucher.enterprise.name),
            Fact(_("Scheme"), voucher.scheme.title),
            Fact(_("Valid until"), moment_text(voucher.last_day)),
            *_allowance(voucher, verb),
        ],
        "cancel_url": reverse("vouchers:voucher_detail", args=[voucher.code]),
    }


def _allowance(voucher: Voucher, verb: str) -> list[Fact]:
    """What the scheme allows, on the page that asks for an extension."""
    months = extensions.allowed(voucher=voucher) if verb == "extend" else None
    if months is None:
        return []
    cited = wording.cited(months.source, months.article)
    text = ngettext("%(count)d month", "%(count)d months", months.value) % {"count": months.value}
    return [Fact(_("Allowed by the scheme"), f"{text} ({cited})")]


def _whole(rows: Any) -> Any:
    return rows.select_related("scheme", "enterprise", "application", "extension")


def _detail(request: SignedInRequest, voucher: Voucher, extra: dict[str, Any]) -> HttpResponse:
    entry = wallets.entry(voucher=voucher)
    today = local_day(timezone.now())
    context = {
        "entry": entry,
        "voucher": voucher,
        "shares": balances.shares(entry),
        "lines": balances.history(wallets.history(voucher=voucher)),
        "share": balances.voucher_share(voucher),
        "extension": getattr(voucher, "extension", None),
        "limits": balances.limits(redeemed_caps.standing(voucher=voucher, day=today)),
        "today": today,
        "may_issue": can(request.actor, Permission.VOUCHER_ISSUE),
        **extra,
    }
    return render(request, "vouchers/voucher_detail.html", context)
