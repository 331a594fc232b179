"""Pages of licenses: the provider hands them in, the bureau verifies or refuses them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require, signed_in
from accounts.permissions import Permission
from common import form_errors
from common.components import Fact
from common.display import moment_text
from common.downloads import attachment
from common.errors import DomainError
from providers.actions import licenses
from providers.license_forms import LicenseForm, RefusalForm
from providers.models import License


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def license_list(request: SignedInRequest) -> HttpResponse:
    """The provider's licenses with their days, and the form of a further one."""
    form = LicenseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            licenses.submit(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Submitted. The bureau will verify your license."))
            return redirect("providers:license_list")
    rows = License.objects.visible_to(request.actor).order_by("kind", "-expires_on", "pk")
    context = {"form": form, "licenses": rows, "today": timezone.localdate()}
    status = 422 if form.errors else 200
    return render(request, "providers/license_list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_VERIFY)
def license_verify(request: SignedInRequest, code: str) -> HttpResponse:
    """Confirm a license, for the first time or again."""
    found = _visible(request, code)
    back = reverse("providers:provider_detail", args=[found.provider.code])
    if request.method == "POST":
        licenses.verify(by=request.actor, license=found, at=timezone.now())
        messages.success(request, _("Verified. The page shows when to look at it again."))
        return redirect(back)
    context = {
        "question": _("Verify this license?"),
        "facts": _facts(found),
        "action": _("Verify"),
        "cancel_url": back,
    }
    return render(request, "common/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_VERIFY)
def license_refuse(request: SignedInRequest, code: str) -> HttpResponse:
    """Refuse a license with a reason."""
    found = _visible(request, code)
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            licenses.refuse(by=request.actor, license=found, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Refused. The provider sees what to correct."))
            return redirect("providers:provider_detail", code=found.provider.code)
    context = {"form": form, "provider": found.provider, "facts": _facts(found)}
    status = 422 if form.errors else 200
    return render(request, "providers/provider_refuse.html", context, status=status)


@require_safe
@signed_in
def license_file(request: SignedInRequest, code: str) -> HttpResponse:
    """The scan, to be saved, for its provider and bureaus."""
    found = _visible(request, code)
    if found.file is None:
        raise Http404(_("There is no such file."))
    return attachment(found.file)


def _visible(request: SignedInRequest, code: str) -> License:
    rows = License.objects.visible_to(request.actor).select_related(
        "provider__organization", "file"
    )
    return get_object_or_404(rows, code=code)


def _facts(found: License) -> list[Fact]:
    return [
        Fact(_("Provider"), found.provider.organization.name),
        Fact(_("Kind of license"), found.get_kind_display()),
        Fact(_("License number"), found.number),
        Fact(_("License valid until"), moment_text(found.expires_on, "day")),
    ]
