"""Pages of registration: the provider's checklist and form, the bureau's queue and decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.components import Fact
from common.display import moment_text
from common.errors import DomainError
from common.pagination import page_of
from providers import onboarding as checklist
from providers.actions import registrations
from providers.filters import ProviderFilter
from providers.license_forms import RefusalForm, RegistrationForm
from providers.models import Provider


@require_safe
@require(Permission.PROVIDER_MANAGE)
def onboarding(request: SignedInRequest) -> HttpResponse:
    """The provider's checklist."""
    progress = checklist.progress_of(request.actor)
    context = {"progress": progress, "tasks": checklist.tasks_of(progress)}
    return render(request, "providers/provider_onboarding.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def registration_submit(request: SignedInRequest) -> HttpResponse:
    """Fill in and submit the registration, again after a refusal."""
    provider = Provider.objects.filter(organization=request.actor.organization).first()
    form = RegistrationForm(request.POST or None, initial=vars(provider) if provider else {})
    if request.method == "POST" and form.is_valid():
        try:
            registrations.submit(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Submitted. The bureau will verify your registration."))
            return redirect("providers:onboarding")
    context = {"form": form, "provider": provider}
    status = 422 if form.errors else 200
    return render(request, "providers/registration_submit.html", context, status=status)


@require_safe
@require(Permission.PROVIDER_VERIFY)
def provider_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's queue: oldest first among those that wait."""
    rows = Provider.objects.visible_to(request.actor).select_related("organization").waiting_first()
    chosen = ProviderFilter(request.GET or None, queryset=rows)
    context = {"form": chosen.form, "page_obj": page_of(chosen.qs, request)}
    return render(request, "providers/provider_list.html", context)


@require_safe
@require(Permission.PROVIDER_VERIFY)
def provider_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """A registration with what was submitted, its facilities and its offerings."""
    provider = _visible(request, code)
    context = {
        "provider": provider,
        "facilities": provider.facilities.order_by("name", "pk"),
        "offerings": provider.offerings.order_by("layer", "name", "pk"),
        "licenses": provider.licenses.order_by("kind", "-expires_on", "pk"),
        "today": timezone.localdate(),
    }
    return render(request, "providers/provider_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_VERIFY)
def provider_verify(request: SignedInRequest, code: str) -> HttpResponse:
    """Confirm a registration."""
    provider = _visible(request, code)
    if request.method == "POST":
        registrations.verify(by=request.actor, provider=provider, at=timezone.now())
        messages.success(request, _("Verified. Its offerings can be listed now."))
        return redirect("providers:provider_detail", code=provider.code)
    context = {
        "question": _("Verify this provider?"),
        "facts": _facts(provider),
        "action": _("Verify"),
        "cancel_url": reverse("providers:provider_detail", args=[provider.code]),
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_VERIFY)
def provider_refuse(request: SignedInRequest, code: str) -> HttpResponse:
    """Send a registration back with a reason."""
    provider = _visible(request, code)
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registrations.refuse(
                by=request.actor, provider=provider, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Sent back. The provider sees what to correct."))
            return redirect("providers:provider_detail", code=provider.code)
    context = {"form": form, "provider": provider, "facts": _facts(provider)}
    status = 422 if form.errors else 200
    return render(request, "providers/provider_refuse.html", context, status=status)


def _visible(request: SignedInRequest, code: str) -> Provider:
    rows = Provider.objects.visible_to(request.actor).select_related(
        "organization", "submitted_by", "decided_by"
    )
    return get_object_or_404(rows, code=code)


def _facts(provider: Provider) -> list[Fact]:
    return [
        Fact(_("Provider"), provider.organization.name),
        Fact(_("Kind of license"), provider.get_license_kind_display()),
        Fact(_("License number"), provider.license_number),
        Fact(_("License valid until"), moment_text(provider.license_expires_on, "day")),
    ]
