"""Pages of the team."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, can, require
from accounts.actions import members
from accounts.forms import MemberForm
from accounts.models import Membership
from accounts.permissions import Permission
from common.components import Fact
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def member_list(request: SignedInRequest) -> HttpResponse:
    """List who works here in which role."""
    team = Membership.objects.visible_to(request.actor).current().select_related("user")
    context = {
        "page_obj": page_of(team.order_by("user__name", "role", "pk"), request),
        "may_manage": can(request.actor, Permission.ORGANIZATION_MANAGE),
    }
    return render(request, "accounts/member_list.html", context)


@require(Permission.ORGANIZATION_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def member_add(request: SignedInRequest) -> HttpResponse:
    """Give a person a role."""
    form = MemberForm(request.POST or None, kind=request.actor.own().kind)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            added = members.add(
                by=request.actor,
                email=data["email"],
                name=data["name"],
                role=data["role"],
                person_key=form.person_key(),
                at=timezone.now(),
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("%(name)s is in the team.") % {"name": added.user})
            return redirect("accounts:member_list")
    status = 422 if form.errors else 200
    return render(request, "accounts/member_add.html", {"form": form}, status=status)


@require(Permission.ORGANIZATION_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then end a role."""
    rows = Membership.objects.visible_to(request.actor).select_related("user")
    membership = get_object_or_404(rows, code=code)
    if request.method == "POST":
        members.end(by=request.actor, membership=membership, at=timezone.now())
        messages.success(request, _("The role is ended."))
        return redirect("accounts:member_list")
    context = {
        "question": _("End this role?"),
        "facts": [
            Fact(_("Full name"), str(membership.user)),
            Fact(_("Role"), membership.get_role_display()),
        ],
        "warning": _("The person loses these permissions at once. Work already done stays."),
        "action": _("End the role"),
        "danger": True,
        "cancel_url": reverse("accounts:member_list"),
    }
    return render(request, "common/confirm.html", context)
