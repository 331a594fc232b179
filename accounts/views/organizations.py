"""Pages: register an organization, see and change its profile, act for another one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import choices, wording
from accounts.access import SignedInRequest, can, require, signed_in
from accounts.actions import organizations
from accounts.forms import ProfileForm, RegistrationForm
from accounts.models import Organization
from accounts.permissions import Permission
from common.display import grouped
from common.errors import DomainError
from common.forms import add_refusal


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def organization_register(request: SignedInRequest) -> HttpResponse:
    """Register an organization and go on acting for it."""
    known = request.session.get("known_profile")  # answers of a check made before signing up
    form = RegistrationForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            made = organizations.register(
                by=request.actor.user, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            request.session["organization_id"] = made.pk
            messages.success(request, _("Your organization is registered."))
            return redirect("accounts:organization_detail")
    context = {"form": form, "industries": choices.industry_suggestions()}
    status = 422 if form.errors else 200
    return render(request, "accounts/organization_register.html", context, status=status)


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def organization_detail(request: SignedInRequest) -> HttpResponse:
    """Show the profile, and the size with the bounds that decided."""
    organization = request.actor.own()
    sizing = organization.sizing()
    context = {
        "organization": organization,
        "region": wording.region_name(organization.region),
        "industry": wording.industry_name(organization.industry) if organization.industry else "",
        "employees": grouped(organization.employees or 0),
        "sentence": wording.size_sentence(sizing) if sizing else "",
        "reasons": wording.size_reasons(sizing) if sizing else [],
        "source": wording.size_source(sizing) if sizing else "",
        "may_manage": can(request.actor, Permission.ORGANIZATION_MANAGE),
    }
    return render(request, "accounts/organization_detail.html", context)


@require(Permission.ORGANIZATION_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def organization_update(request: SignedInRequest) -> HttpResponse:
    """Change the profile; the size follows."""
    organization = request.actor.own()
    form = ProfileForm(request.POST or None, initial=vars(organization), kind=organization.kind)
    if request.method == "POST" and form.is_valid():
        try:
            organizations.update_profile(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The profile is saved."))
            return redirect("accounts:organization_detail")
    context = {"form": form, "industries": choices.industry_suggestions()}
    status = 422 if form.errors else 200
    return render(request, "accounts/organization_update.html", context, status=status)


@signed_in
@require_POST
def organization_switch(request: SignedInRequest, code: str) -> HttpResponse:
    """Act for another organization of the person from now on."""
    joined = Organization.objects.joined_by(request.actor.user)
    chosen = get_object_or_404(joined, code=code)
    request.session["organization_id"] = chosen.pk
    messages.success(request, _("You now act for %(name)s.") % {"name": chosen.name})
    return redirect("home")
