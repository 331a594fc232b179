"""Pages of trials: take one, see what is used of it, stop it; for providers their terms."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.permissions import Permission
from common import form_errors
from common.components import Fact
from common.errors import DomainError
from common.pagination import page_of
from common.periods import local_day
from marketplace.catalog.models import Bundle
from marketplace.trials import sheets
from marketplace.trials.actions import terms, trials
from marketplace.trials.forms import TermsForm
from marketplace.trials.models import TermsStatus, Trial, TrialTerms
from providers.models import Offering


@require(Permission.ORDER_VIEW)
@require_safe
def trial_list(request: SignedInRequest) -> HttpResponse:
    """Trials of the firm, or of the provider's offerings."""
    rows = Trial.objects.visible_to(request.actor).select_related(
        "enterprise", "offering__provider__organization", "subscription"
    )
    page = page_of(rows.order_by("-taken_at", "-pk"), request)
    used = trials.used_of(trials=list(page))
    context = {
        "page_obj": page,
        "rows": [sheets.row_of(each, used[each.pk]) for each in page],
        "can_take": can(request.actor, Permission.NEED_MANAGE),
        "offerings": Offering.objects.owned_by(request.actor)
        .listed()
        .select_related("trial_terms")
        .order_by("name", "pk")
        if can(request.actor, Permission.PROVIDER_MANAGE)
        else [],
    }
    return render(request, "marketplace/trial_list.html", context)


@require(Permission.ORDER_VIEW)
@require_safe
def trial_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What is free until when, and how much of it is used."""
    trial = _trial(request, code)
    is_firm = trial.enterprise == request.actor.organization
    context = {
        "trial": trial,
        "row": sheets.row_of(trial, trials.used_of(trials=[trial])[trial.pk]),
        "facts": sheets.facts_of(trial),
        "bundles": Bundle.objects.visible_to(None).filter(offerings=trial.offering).order_by("pk"),
        "can_stop": is_firm and can(request.actor, Permission.ORDER_PLACE),
        "is_firm": is_firm,
        "crumbs": [(_("Trials"), reverse("marketplace:trial_list")), (trial.code, "")],
    }
    return render(request, "marketplace/trial_detail.html", context)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def trial_stop(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then end a trial before its time."""
    rows = Trial.objects.filter(enterprise=request.actor.organization)
    trial = get_object_or_404(rows.select_related("offering"), code=code)
    if request.method == "POST":
        trials.stop(by=request.actor, trial=trial, at=timezone.now())
        messages.success(request, _("The trial is over. Nothing is billed for it."))
        return redirect(trial)
    context = {
        "question": _("Stop this trial?"),
        "facts": [Fact(_("Offering"), trial.offering.name)],
        "warning": _("An offering can be tried once. Nothing is billed."),
        "action": _("Stop the trial"),
        "cancel_url": trial.get_absolute_url(),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.ORDER_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def bundle_try(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what is free, then try every part of a bundle that can be tried."""
    bundle = get_object_or_404(Bundle.objects.visible_to(None), code=code)
    if request.method == "POST":
        made = trials.take_bundle(by=request.actor, bundle=bundle, at=timezone.now())
        messages.success(request, _("The trial has begun. It costs nothing and stops by itself."))
        return redirect(made[0] if len(made) == 1 else "marketplace:trial_list")
    rows = TrialTerms.objects.filter(offering__in=bundle.offerings.all(), status=TermsStatus.OPEN)
    context = {
        "question": _("Try “%(name)s” for nothing?") % {"name": bundle.name},
        "facts": [
            Fact(row.offering.name, sheets.terms_text(row))
            for row in rows.select_related("offering").order_by("offering_id")
        ],
        "warning": _(
            "It stops by itself at its last day or when a cap is used, and nothing is billed. Each"
            " offering can be tried once by your firm."
        ),
        "action": _("Begin the trial"),
        "cancel_url": reverse("marketplace:bundle_detail", args=[bundle.code]),
    }
    return render(request, "common/confirm.html", context)


@require(Permission.PROVIDER_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def terms_state(request: SignedInRequest, code: str) -> HttpResponse:
    """Let firms try an own offering, on these terms."""
    offering = get_object_or_404(Offering.objects.owned_by(request.actor), code=code)
    now = timezone.now()
    form = TermsForm(offering, local_day(now), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            terms.state(by=request.actor, offering=offering, at=now, **form.values())
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Firms can try this offering on these terms."))
            return redirect("marketplace:trial_terms", code=offering.code)
    known = TrialTerms.objects.filter(offering=offering).first()
    context = {"form": form, "offering": offering, "terms": known}
    status = 422 if form.errors else 200
    return render(request, "marketplace/trial_terms.html", context, status=status)


@require(Permission.PROVIDER_MANAGE)
@require_POST
def terms_close(request: SignedInRequest, code: str) -> HttpResponse:
    """Take no more trials of an own offering."""
    offering = get_object_or_404(Offering.objects.owned_by(request.actor), code=code)
    terms.close(by=request.actor, offering=offering, at=timezone.now())
    messages.success(request, _("No more trials are taken. Those that run go on to their end."))
    return redirect("marketplace:trial_terms", code=offering.code)


def _trial(request: SignedInRequest, code: str) -> Trial:
    rows = Trial.objects.visible_to(request.actor).select_related(
        "enterprise", "offering__provider__organization", "subscription"
    )
    return get_object_or_404(rows, code=code)
