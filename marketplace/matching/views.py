"""Pages of needs: choose a scenario, say what is needed, see what fits, compare."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ActorRequest, SignedInRequest, can, public, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from marketplace.catalog.models import Scenario
from marketplace.matching import cards, costs, explaining, preparing, shelf, wording
from marketplace.matching.actions import matches, needs, sharing
from marketplace.matching.forms import NeedForm, WeightsForm
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.scoring import STANDARD
from providers import marks
from providers.models import Figure

MOST_COMPARED = 4


@require(Permission.NEED_MANAGE)
@require_safe
def need_list(request: SignedInRequest) -> HttpResponse:
    """List the enterprise's needs with what became of them."""
    rows = Need.objects.visible_to(request.actor).with_outcome()
    context = {"page_obj": page_of(rows.order_by("-created_at", "-pk"), request)}
    return render(request, "marketplace/need_list.html", context)


@require(Permission.NEED_MANAGE)
@require_safe
def need_choose(request: SignedInRequest) -> HttpResponse:
    """Choose what is to be done."""
    scenarios = Scenario.objects.order_by("pk")
    groups = shelf.groups_of(scenarios, request.actor.own().section)
    context = {"groups": groups, "crumbs": [*_crumbs(), (_("State a need"), "")]}
    return render(request, "marketplace/need_choose.html", context)


@require(Permission.NEED_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def need_create(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say how much, how dear, where and how quick; the answer is the page of matches."""
    scenario = get_object_or_404(Scenario, slug=slug)
    form = NeedForm(
        request.POST or None,
        scenario=scenario,
        home=request.actor.own().region,
        initial=request.GET.dict(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            need = needs.state(
                by=request.actor, scenario=scenario, at=timezone.now(), **form.values()
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            return redirect("marketplace:need_detail", need.code)
    context = {
        "scenario": scenario,
        "form": form,
        "assumptions": wording.assumptions_of(scenario),
        "crumbs": [*_crumbs(), (_("State a need"), "")],
    }
    status = 422 if form.errors else 200
    return render(request, "marketplace/need_create.html", context, status=status)


@require(Permission.NEED_MANAGE)
@require_safe
def need_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """What fits, best first, with reasons; what does not, and what to relax."""
    need = _need(request, code)
    found = list(need.matches.shown())
    nearest = explaining.nearest_of(need, found)
    context = {
        "need": need,
        "facts": cards.facts_of(need),
        "ranked": cards.cards_of([match for match in found if match.rank]),
        "excluded": cards.cards_of([match for match in found if not match.rank]),
        "advice": [
            (row, _form_url(need, row.change) if row.change else "")
            for row in explaining.advice_for(need)
        ],
        "nearest": nearest,
        "nearest_url": _form_url(need, nearest.change) if nearest else "",
        "change_url": _form_url(need),
        "steps": preparing.steps_of(need),
        "share_url": _share_url(request, need),
        "loose": explaining.left_out_of(need),
        "weights": WeightsForm(initial=need.weights or asdict(STANDARD)),
        "can_order": can(request.actor, Permission.ORDER_PLACE),
        "computed_at": found[0].computed_at if found else None,
        "crumbs": [*_crumbs(), (need.code, "")],
    }
    return render(request, "marketplace/need_detail.html", context)


@require(Permission.NEED_MANAGE)
@require_POST
def need_match(request: SignedInRequest, code: str) -> HttpResponse:
    """Match again with today's prices, capacity and vouchers."""
    matches.compute(by=request.actor, need=_need(request, code), at=timezone.now())
    messages.success(request, _("Matched again with today's prices, capacity and vouchers."))
    return redirect("marketplace:need_detail", code)


@require(Permission.NEED_MANAGE)
@require_POST
def need_share(request: SignedInRequest, code: str) -> HttpResponse:
    """Give the need an address that can be passed on, or take it back."""
    need = _need(request, code)
    if "withdraw" in request.POST:
        sharing.withdraw(by=request.actor, need=need, at=timezone.now())
        messages.success(request, _("The address no longer works."))
    else:
        sharing.share(by=request.actor, need=need, at=timezone.now())
        messages.success(request, _("Whoever has the address below sees the bundles that fit."))
    return redirect("marketplace:need_detail", code)


@public
@require_safe
def need_shared(request: ActorRequest, token: str) -> HttpResponse:
    """What was asked for and what fits, without firm, budget, vouchers or shares."""
    rows = Need.objects.shared(token).select_related("scenario")
    need = get_object_or_404(rows)
    found = need.matches.shown().filter(rank__isnull=False)
    context = {"need": need, "facts": cards.public_facts_of(need), "rows": cards.public_rows(found)}
    answer = render(request, "marketplace/need_shared.html", context)
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "no-referrer", "noindex"
    return answer


@require(Permission.NEED_MANAGE)
@require_POST
def need_weigh(request: SignedInRequest, code: str) -> HttpResponse:
    """Rank by other weights."""
    need, form = _need(request, code), WeightsForm(request.POST)
    try:
        matches.weigh(
            by=request.actor,
            need=need,
            weights=form.cleaned_data if form.is_valid() else {},
            at=timezone.now(),
        )
    except matches.InvalidWeights as error:
        messages.error(request, str(error.message))
    return redirect("marketplace:need_detail", code)


@require(Permission.NEED_MANAGE)
@require_safe
def need_cost(request: SignedInRequest, code: str, bundle: str) -> HttpResponse:
    """What one bundle costs month after month, and when vouchers run out."""
    need = _need(request, code)
    match = get_object_or_404(need.matches.shown(), bundle__code=bundle)
    context = {
        "need": need,
        "match": match,
        "rows": costs.rows_of(matches.outlook(need=need, match=match, at=timezone.now())),
        "why": costs.why(match),
        "crumbs": [*_crumbs(), (need.code, need.get_absolute_url()), (_("Cost"), "")],
        "can_order": can(request.actor, Permission.ORDER_PLACE),
    }
    return render(request, "marketplace/need_cost.html", context)


@require(Permission.NEED_MANAGE)
@require_safe
def need_compare(request: SignedInRequest, code: str) -> HttpResponse:
    """Two to four bundles side by side."""
    need = _need(request, code)
    asked = request.GET.getlist("bundle")
    chosen = list(need.matches.shown().filter(bundle__code__in=asked)[:MOST_COMPARED])
    if len(chosen) < 2:
        messages.info(request, _("Choose two to four bundles to compare."))
        return redirect("marketplace:need_detail", code)
    if len(set(asked)) > MOST_COMPARED:
        messages.info(request, _("Four bundles fit side by side; the best four are shown."))
    context = {
        "need": need,
        "chosen": chosen,
        "table": cards.comparison_of(
            chosen, figures=_figures_of(chosen), is_short="short" in request.GET
        ),
        "is_short": "short" in request.GET,
        "crumbs": [*_crumbs(), (need.code, need.get_absolute_url()), (_("Compare"), "")],
        "can_order": can(request.actor, Permission.ORDER_PLACE),
    }
    return render(request, "marketplace/need_compare.html", context)


def _figures_of(chosen: list[Match]) -> list[Figure]:
    """What the offerings of the matches declare, verified or measured. Three queries."""
    codes = {part["offering"] for match in chosen for part in match.reasons["parts"]}
    rows = Figure.objects.filter(offering__code__in=codes).select_related("offering")
    return list(marks.standing(rows))


def _share_url(request: SignedInRequest, need: Need) -> str:
    if not need.share_token:
        return ""
    return request.build_absolute_uri(reverse("marketplace:need_shared", args=[need.share_token]))


def _form_url(need: Need, change: dict[str, str] | None = None) -> str:
    """The form filled with the need and what is to be changed in it."""
    address = reverse("marketplace:need_create", args=[need.scenario.slug])
    return f"{address}?{cards.query_of(cards.form_values(need) | (change or {}))}"


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Needs and matches"), reverse("marketplace:need_list"))]


def _need(request: SignedInRequest, code: str) -> Need:
    rows = Need.objects.visible_to(request.actor).select_related("scenario", "order")
    return get_object_or_404(rows, code=code)
