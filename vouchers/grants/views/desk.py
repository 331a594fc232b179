"""Pages of the desk: deadlines and limits, common remarks."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.grants.actions import desk
from vouchers.grants.forms import posted
from vouchers.grants.forms.reviews import DeskForm, RemarkForm
from vouchers.grants.models import CannedRemark


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def desk_rules(request: SignedInRequest) -> HttpResponse:
    """Show and change the bureau's deadlines and limits."""
    rules = desk.rules_of(bureau=request.actor.own())
    form = DeskForm(
        posted(request), initial={name: getattr(rules, name) for name in DeskForm.base_fields}
    )
    if request.method == "POST" and form.is_valid():
        try:
            desk.change(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Saved. It holds for everything that waits."))
            return redirect("vouchers:desk_rules")
    context = {"form": form, "rules": rules}
    return render(request, "vouchers/desk_rules.html", context, status=422 if form.errors else 200)


@require(Permission.APPLICATION_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def remark_list(request: SignedInRequest) -> HttpResponse:
    """The bureau's common remarks; POST adds one."""
    form = RemarkForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            desk.add_remark(by=request.actor, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("The remark is in the list."))
            return redirect("vouchers:remark_list")
    rows = CannedRemark.objects.visible_to(request.actor).in_use().select_related("created_by")
    context = {"form": form, "remarks": rows}
    return render(request, "vouchers/remark_list.html", context, status=422 if form.errors else 200)


@require(Permission.APPLICATION_REVIEW)
@require_POST
def remark_usual(request: SignedInRequest) -> HttpResponse:
    """Take over the usual remarks."""
    desk.add_usual_remarks(by=request.actor, at=timezone.now())
    messages.success(request, _("The usual remarks are in the list."))
    return redirect("vouchers:remark_list")


@require(Permission.APPLICATION_REVIEW)
@require_POST
def remark_retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Offer a remark no longer."""
    remark = get_object_or_404(CannedRemark.objects.visible_to(request.actor), code=code)
    desk.retire_remark(by=request.actor, remark=remark, at=timezone.now())
    messages.success(request, _("The remark is no longer offered."))
    return redirect("vouchers:remark_list")
