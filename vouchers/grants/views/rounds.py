"""The page on which an officer looks at a round and has it carried out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common.errors import DomainError
from common.forms import add_refusal
from common.pagination import page_of
from vouchers.grants.actions import rounds
from vouchers.grants.forms import posted
from vouchers.grants.forms.rounds import RoundForm
from vouchers.grants.models import Scheme, SchemeStatus
from vouchers.grants.shown import rounds as shown


@require(Permission.APPLICATION_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_round(request: SignedInRequest, code: str) -> HttpResponse:
    """Show who would get what and what would be left of each cap; POST stores the answers."""
    own = Scheme.objects.filter(bureau=request.actor.own()).exclude(status=SchemeStatus.DRAFT)
    scheme = get_object_or_404(own, code=code)
    form = RoundForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            done = rounds.assess_round(
                by=request.actor, scheme=scheme, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            told = _("%(count)s applications are answered.") % {"count": done.answered}
            messages.success(request, told)
            return redirect("vouchers:scheme_round", code)
    found = rounds.preview(by=request.actor, scheme=scheme)
    page = page_of(shown.lines(found), request)
    caps = shown.caps(found)
    context = {"scheme": scheme, "form": form, "preview": found, "caps": caps, "page_obj": page}
    status = 422 if form.errors else 200
    return render(request, "vouchers/scheme_round.html", context, status=status)
