"""The pre-check for everybody: one plain question a page, then yes, no or perhaps.

Answers stay in the session: they fill the registration and the application later, and go away with it.
"""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import choices
from accounts.access import ActorRequest, public
from accounts.rules import industries, sizes
from common.codes import normalize_code
from common.components import Fact
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import prechecks
from vouchers.grants.forms.prechecks import StepForm, said
from vouchers.grants.models import Scheme
from vouchers.grants.shown import verdicts

KEPT, PROFILE = "precheck", "known_profile"
FIRST = ("kind", "planned_spend_fen", "legal_form", "region", "industry")
INDICATORS = {"employees": "employees", "revenue": "revenue_fen", "assets": "assets_fen"}
NAMES = {
    "kind": _("What you buy"),
    "planned_spend_fen": _("Planned spend"),
    "legal_form": _("Kind of applicant"),
    "region": _("Place of registration"),
    "industry": _("Industry"),
    "employees": _("Employees"),
    "revenue_fen": _("Annual revenue"),
    "assets_fen": _("Total assets"),
}


def steps_of(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions for these answers: of the figures only those that decide the size in this industry."""
    try:
        row = sizes.row_of(answers.get("industry") or "")
    except (sizes.TooCoarse, industries.InvalidIndustry):
        return (*FIRST, "employees", "revenue_fen")
    if row is None:
        return FIRST
    return (*FIRST, *(INDICATORS[name] for name in row.indicators))


@public
@never_cache
@require_safe
def precheck(request: ActorRequest) -> HttpResponse:
    """Say what is asked and begin; `?scheme=` names the scheme somebody came from."""
    day = local_day(timezone.now())
    chosen = Scheme.objects.open_on(day).filter(code=_code(request.GET.get("scheme"))).first()
    context = {
        "scheme": chosen,
        "is_open": Scheme.objects.open_on(day).exists(),
        "has_answers": bool(request.session.get(KEPT)),
    }
    return render(request, "vouchers/precheck.html", context)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def precheck_step(request: ActorRequest, step: str) -> HttpResponse:
    """Ask one question and keep its answer."""
    kept: dict[str, Any] = request.session.get(KEPT, {})
    steps = steps_of(kept)
    if step not in steps:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = StepForm(sent, step=step, initial=_known(request) | kept)
    if sent is not None and form.is_valid():
        _keep(request, kept, step, form.cleaned_data[step])
        return redirect(_after(step, kept))
    at = steps.index(step)
    context = {
        "form": form,
        "step": at + 1,
        "steps": len(steps),
        "progress": f"{at + 1} / {len(steps)}",
        "scheme_code": request.GET.get("scheme", ""),
        "back": reverse("vouchers:precheck_step", args=[steps[at - 1]])
        if at
        else reverse("vouchers:precheck"),
        "industries": choices.industry_suggestions() if step == "industry" else [],
    }
    return render(
        request, "vouchers/precheck_step.html", context, status=422 if form.errors else 200
    )


@public
@never_cache
@require_safe
def precheck_result(request: ActorRequest) -> HttpResponse:
    """Yes, no or perhaps; why, how much, and what else one could do."""
    kept: dict[str, Any] = request.session.get(KEPT, {})
    open_steps = [step for step in steps_of(kept) if step not in kept]
    if open_steps:
        return redirect("vouchers:precheck_step", open_steps[0])
    at = timezone.now()
    schemes = Scheme.objects.open_on(local_day(at))
    found = prechecks.answer(
        scheme=schemes.filter(code=kept.get("scheme", "")).first(), answers=_answers(kept), at=at
    )
    context = {
        "found": found,
        "reasons": verdicts.reasons(found.offer.assessment),
        "how": verdicts.sum_in_words(found.offer.assessment),
        "refusals": [wording.refusal(code) for code in found.offer.assessment.refusals],
        "facts": _facts(kept),
    }
    return render(request, "vouchers/precheck_result.html", context)


@public
@require_POST
def precheck_forget(request: ActorRequest) -> HttpResponse:
    """Forget all answers."""
    for name in (KEPT, PROFILE):
        request.session.pop(name, None)
    return redirect("vouchers:precheck")


def _keep(request: ActorRequest, kept: dict[str, Any], step: str, value: Any) -> None:
    kept[step] = None if value == "" else value
    if request.POST.get("scheme"):
        kept["scheme"] = _code(request.POST["scheme"])
    asked = set(steps_of(kept))
    for name in set(NAMES) - asked:
        kept.pop(name, None)
    request.session[KEPT] = kept
    profile = ("region", "industry", *INDICATORS.values())
    request.session[PROFILE] = {name: kept[name] for name in profile if kept.get(name) is not None}


def _after(step: str, kept: Mapping[str, Any]) -> str:
    """The next question without an answer after this one, else the result."""
    steps = steps_of(kept)
    open_steps = [each for each in steps[steps.index(step) + 1 :] if each not in kept]
    if open_steps:
        return reverse("vouchers:precheck_step", args=[open_steps[0]])
    return reverse("vouchers:precheck_result")


def _known(request: ActorRequest) -> dict[str, Any]:
    """What the profile of a signed-in enterprise says already."""
    firm = request.actor.organization if request.actor else None
    if firm is None:
        return {}
    return {name: getattr(firm, name) for name in ("region", "industry", *INDICATORS.values())}


def _answers(kept: Mapping[str, Any]) -> prechecks.Answers:
    given = {name: value for name, value in kept.items() if name in NAMES}
    return prechecks.Answers(**given)


def _facts(kept: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact(NAMES[step], said(step, kept[step]), reverse("vouchers:precheck_step", args=[step]))
        for step in steps_of(kept)
    ]


def _code(text: str | None) -> str:
    return normalize_code(text or "")[:16]
