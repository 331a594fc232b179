"""What an offering says: changed with a preview, version by version."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import form_errors
from common.errors import DomainError
from providers.actions import listings
from providers.forms import ListingForm
from providers.models import Offering


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.PROVIDER_MANAGE)
def listing_revise(request: SignedInRequest, code: str) -> HttpResponse:
    """Change the words, look at them as a buyer does, publish them; below, earlier versions."""
    rows = Offering.objects.owned_by(request.actor).select_related("facility", "provider")
    offering = get_object_or_404(rows, code=code)
    initial = {name: getattr(offering, name) for name in listings.WORDS}
    form = ListingForm(request.POST or None, initial=initial)
    is_preview = "preview" in request.POST and form.is_valid()
    if request.method == "POST" and not is_preview and form.is_valid():
        try:
            listings.revise(
                by=request.actor, offering=offering, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form_errors.apply(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("providers:offering_manage", code=code)
    context = {
        "form": form,
        "offering": offering,
        "shown": form.cleaned_data if is_preview else None,
        "versions": listings.history_of(offering),
    }
    status = 422 if form.errors else 200
    return render(request, "providers/listing_revise.html", context, status=status)
