"""Page of the person: organizations, and the ways to sign in."""

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from accounts.models import Organization


@signed_in
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Show who one is, for whom one may act, and how safe the sign-in is."""
    joined = Organization.objects.joined_by(request.actor.user).order_by("name", "pk")
    context = {
        "person": request.actor.user,
        "organizations": list(joined),
        "current": request.actor.organization,
        "second_factor": is_mfa_enabled(request.actor.user),
    }
    return render(request, "accounts/account.html", context)
