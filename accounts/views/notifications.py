"""Pages of what people were told, and of which mails they want."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import topics
from accounts.access import SignedInRequest, signed_in
from accounts.actions import notifications
from accounts.forms import NotificationSettingsForm
from accounts.models import Notification
from common.pagination import page_of


@signed_in
@require_safe
def notification_list(request: SignedInRequest) -> HttpResponse:
    """What this person was told, the newest first."""
    rows = Notification.objects.visible_to(request.actor)
    only_unread = request.GET.get("view") == "unread"
    shown = rows.unread() if only_unread else rows
    page = page_of(shown.order_by("-created_at", "-pk"), request)
    context = {
        "page_obj": page,
        "lines": [(row, topics.said(row.topic, row.data)) for row in page],
        "only_unread": only_unread,
        "unread": rows.unread().count(),
    }
    return render(request, "accounts/notification_list.html", context)


@signed_in
@require_POST
def notification_read(request: SignedInRequest, code: str) -> HttpResponse:
    """Mark one as read; with `open` go on to what it is about."""
    row = get_object_or_404(Notification.objects.visible_to(request.actor), code=code)
    done = notifications.mark_read(by=request.actor, notification=row, at=timezone.now())
    if "open" in request.POST and done.url:
        return redirect(done.url)
    return redirect("accounts:notification_list")


@signed_in
@require_POST
def notification_read_all(request: SignedInRequest) -> HttpResponse:
    """Mark everything as read."""
    notifications.mark_all_read(by=request.actor, at=timezone.now())
    messages.success(request, _("Everything is marked as read."))
    return redirect("accounts:notification_list")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: SignedInRequest) -> HttpResponse:
    """Choose the language of messages and which of them also come by mail."""
    given = request.POST if request.method == "POST" else None
    form = NotificationSettingsForm(given, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        notifications.choose(by=request.actor, at=timezone.now(), **form.chosen())
        messages.success(request, _("Your choice is kept."))
        return redirect("accounts:notification_settings")
    context = {"form": form, "always": form.always}
    status = 422 if form.errors else 200
    return render(request, "accounts/notification_settings.html", context, status=status)
