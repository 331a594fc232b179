"""Pages of rounds: the bureau's desk, the public protocol, and the firm's offers."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ActorRequest, SignedInRequest, can, public, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.models import JobStatus
from common.pagination import page_of
from marketplace.clearing import sheets
from marketplace.clearing.actions import clearings, offers, signing, solving
from marketplace.clearing.forms import GiveUpForm, RoundForm
from marketplace.clearing.models import ClearingRound, OfferStatus, RoundOffer, RoundStatus

SIGNABLE = {RoundStatus.SOLVED, RoundStatus.SIGNED_ONCE}
OPEN = {RoundStatus.DRAFT, RoundStatus.COLLECTED, *SIGNABLE}


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    """List the bureau's rounds, newest first."""
    rows = ClearingRound.objects.visible_to(request.actor).select_related("created_by")
    context = {
        "page_obj": page_of(rows.order_by("-created_at", "-pk"), request),
        "can_prepare": can(request.actor, Permission.SCHEME_MANAGE),
    }
    return render(request, "marketplace/round_list.html", context)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def round_create(request: SignedInRequest) -> HttpResponse:
    """Floors, terms and money of a new round."""
    funds = clearings.funds_of(by=request.actor)
    form = RoundForm(request.POST or None, funds=funds)
    if request.method == "POST" and form.is_valid():
        try:
            made = clearings.create(by=request.actor, at=timezone.now(), **form.values())
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect(made)
    context = {"form": form, "crumbs": [*_crumbs(), (_("Prepare a round"), "")]}
    status = 422 if form.errors else 200
    return render(request, "marketplace/round_create.html", context, status=status)


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def round_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """Where a round stands: progress, the plan with reasons, signatures, what comes next."""
    clearing = _round(request, code)
    job = clearing.job
    may_prepare = can(request.actor, Permission.SCHEME_MANAGE)
    running = job is not None and job.status in {JobStatus.WAITING, JobStatus.RUNNING}
    context: dict[str, Any] = {
        "round": clearing,
        "is_running": running,
        "can_start": may_prepare and not running and clearing.status in {"draft", "collected"},
        "can_sign": clearing.status in SIGNABLE,
        "can_give_up": may_prepare and clearing.status in OPEN,
        "signatures": clearing.signatures.select_related("signed_by").order_by("position"),
        "crumbs": [*_crumbs(), (clearing.code, "")],
    }
    return render(request, "marketplace/round_detail.html", context | _plan(request, clearing))


def _plan(request: SignedInRequest, clearing: ClearingRound) -> dict[str, Any]:
    if not clearing.figures:
        return {}
    rows = clearing.outcomes.select_related(
        "need__scenario", "need__enterprise", "bundle", "scheme", "offer"
    )
    page = page_of(rows.order_by("pk"), request)
    answers = RoundOffer.objects.filter(outcome__round=clearing).values_list("status")
    counts = dict(answers.annotate(count=Count("pk")))
    return {
        "sheet": sheets.sheet_of(clearing, is_public=False),
        "page_obj": page,
        "rows": sheets.plan_rows(list(page)),
        "answers": [(OfferStatus(value), counts.get(value, 0)) for value in OfferStatus.values],
    }


@require(Permission.SCHEME_MANAGE)
@require_POST
def round_start(request: SignedInRequest, code: str) -> HttpResponse:
    """Collect and calculate in the background."""
    clearings.start(by=request.actor, clearing=_round(request, code), at=timezone.now())
    messages.success(request, _("Started. You may leave this page; the work goes on."))
    return redirect("marketplace:round_detail", code)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def round_give_up(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask for the reason, then void the round."""
    clearing = _round(request, code)
    form = GiveUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        clearings.give_up(
            by=request.actor, clearing=clearing, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("The round is void."))
        return redirect(clearing)
    context = {
        "round": clearing,
        "form": form,
        "crumbs": [*_crumbs(), (clearing.code, clearing.get_absolute_url()), (_("Give up"), "")],
    }
    return render(request, "marketplace/round_give_up.html", context)


@require(Permission.DECISION_COUNTERSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def round_sign(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what the signature covers, and sign exactly that."""
    clearing = _round(request, code)
    if request.method == "POST":
        shown = request.POST.get("plan_sha256", "")
        signed = signing.sign(
            by=request.actor, clearing=clearing, plan_sha256=shown, at=timezone.now()
        )
        if signed.status == RoundStatus.VOID:
            messages.error(request, _("Not signed: the input has changed, so the round is void."))
        else:
            messages.success(request, _("Signed."))
        return redirect(clearing)
    if clearing.status not in SIGNABLE:
        return redirect(clearing)
    context = {
        "round": clearing,
        "sheet": sheets.sheet_of(clearing, is_public=False),
        "signatures": clearing.signatures.select_related("signed_by").order_by("position"),
        "crumbs": [*_crumbs(), (clearing.code, clearing.get_absolute_url()), (_("Sign"), "")],
    }
    return render(request, "marketplace/round_sign.html", context)


@require(Permission.DECISION_COUNTERSIGN)
@require_safe
def round_input(request: SignedInRequest, code: str) -> HttpResponse:
    """The frozen input as a file with which anybody calculates the plan again."""
    clearing = _round(request, code)
    if not clearing.input_sha256:
        raise Http404
    answer = HttpResponse(
        solving.content_of(clearing=clearing), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="round-{clearing.code}.json"'
    return answer


@public
@require_safe
def protocol_list(request: ActorRequest) -> HttpResponse:
    """List the published protocols."""
    rows = ClearingRound.objects.published().select_related("bureau")
    context = {"page_obj": page_of(rows.order_by("-applied_at", "-pk"), request)}
    return render(request, "marketplace/protocol_list.html", context)


@public
@require_safe
def protocol_detail(request: ActorRequest, code: str) -> HttpResponse:
    """A round's protocol in plain language, to read and to print."""
    rows = ClearingRound.objects.published().select_related("bureau")
    clearing = get_object_or_404(rows, code=code)
    context = {
        "round": clearing,
        "sheet": sheets.sheet_of(clearing, is_public=True),
        "signatures": clearing.signatures.order_by("position"),
        "crumbs": [(_("Protocols of rounds"), reverse("marketplace:protocol_list")), (code, "")],
    }
    return render(request, "marketplace/protocol_detail.html", context)


def _round(request: SignedInRequest, code: str) -> ClearingRound:
    rows = ClearingRound.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("bureau", "created_by", "job"), code=code)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Clearing rounds"), reverse("marketplace:round_list"))]


@require(Permission.NEED_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What a round offers for a need, with today's price; accept or decline it."""
    rows = RoundOffer.objects.visible_to(request.actor).with_names()
    offer = get_object_or_404(rows, code=code)
    if request.method == "POST":
        return _answered(request, offer)
    match = offer.outcome.need.matches.filter(bundle=offer.outcome.bundle).first()
    context = {
        "offer": offer,
        "facts": sheets.offer_facts(offer.outcome),
        "match": match,
        "is_open": offer.status == OfferStatus.OPEN and offer.expires_at > timezone.now(),
        "can_answer": can(request.actor, Permission.ORDER_PLACE),
    }
    return render(request, "marketplace/offer_detail.html", context)


def _answered(request: SignedInRequest, offer: RoundOffer) -> HttpResponse:
    at = timezone.now()
    if "accept" not in request.POST:
        offers.decline(by=request.actor, offer=offer, at=at)
        messages.success(request, _("Declined. Your need stays open."))
        return redirect("marketplace:need_detail", offer.outcome.need.code)
    shown = request.POST.get("own_fen", "")
    own_fen = int(shown) if shown.isdecimal() else None
    done = offers.accept(by=request.actor, offer=offer, at=at, own_fen=own_fen)
    messages.success(request, _("Accepted and ordered."))
    assert done.order is not None  # noqa: S101  # the constraint marketplace_offer_order
    return redirect("marketplace:order_detail", done.order.code)
