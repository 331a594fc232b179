"""Pages of API keys."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import wording
from accounts.access import SignedInRequest, require
from accounts.actions import keys
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.permissions import Permission
from common.components import Fact
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of


@require(Permission.ORGANIZATION_MANAGE)
@require_safe
def key_list(request: SignedInRequest) -> HttpResponse:
    """List keys with what they may do and how long."""
    rows = ApiKey.objects.visible_to(request.actor).select_related("created_by", "revoked_by")
    page = page_of(rows.order_by("-created_at", "-pk"), request)
    lines = [(key, wording.permissions(key.scopes)) for key in page]
    context = {"page_obj": page, "lines": lines, "now": timezone.now()}
    return render(request, "accounts/key_list.html", context)


@require(Permission.ORGANIZATION_MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key_create(request: SignedInRequest) -> HttpResponse:
    """Make a key and show it this once, with commands that run."""
    form = KeyForm(request.POST or None, permissions=request.actor.permissions)
    if request.method == "POST" and form.is_valid():
        try:
            key, token = keys.create(
                by=request.actor,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
                is_signed=form.cleaned_data["is_signed"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            address = request.build_absolute_uri(reverse("api-me-read"))
            context = {"key": key, "token": token, "address": address}
            return render(request, "accounts/key_created.html", context)
    status = 422 if form.errors else 200
    return render(request, "accounts/key_create.html", {"form": form}, status=status)


@require(Permission.ORGANIZATION_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask, then end a key for good."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.actor), prefix=code)
    if request.method == "POST":
        keys.revoke(by=request.actor, key=key, at=timezone.now())
        messages.success(request, _("The key is revoked."))
        return redirect("accounts:key_list")
    context = {
        "question": _("Revoke this key?"),
        "facts": [Fact(_("Name of the key"), key.name), Fact(_("Key"), key.shown)],
        "warning": _("Systems that use the key are refused at once. This cannot be undone."),
        "action": _("Revoke the key"),
        "danger": True,
        "cancel_url": reverse("accounts:key_list"),
    }
    return render(request, "common/confirm.html", context)
