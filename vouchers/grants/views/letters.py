"""Pages of letters: the bureau's templates, and the letters that were sent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, require
from accounts.permissions import Permission
from common import pdf
from common.errors import DomainError
from common.forms import add_refusal
from vouchers.grants import wording
from vouchers.grants.actions import letters
from vouchers.grants.forms import posted
from vouchers.grants.forms.reviews import LetterForm
from vouchers.grants.models import Letter, LetterKind
from vouchers.grants.rules import letters as rules
from vouchers.grants.shown import papers


@require(Permission.SCHEME_MANAGE)
@require_safe
def letter_templates(request: SignedInRequest) -> HttpResponse:
    """The words in use for every occasion."""
    context = {"found": letters.all_current(bureau=request.actor.own())}
    return render(request, "vouchers/letter_templates.html", context)


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def letter_template(request: SignedInRequest, kind: str) -> HttpResponse:
    """Change the words for one occasion; the button "Preview" shows them filled, without saving."""
    occasion = _kind(kind)
    words = letters.current(bureau=request.actor.own(), kind=occasion)
    form = LetterForm(posted(request), initial={"version": words.version, **words.texts()})
    saving = request.method == "POST" and "preview" not in request.POST
    if saving and form.is_valid():
        try:
            letters.save(
                by=request.actor, kind=occasion, version=form.cleaned_data["version"],
                texts=form.texts(), at=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Saved. Letters sent from now on use these words."))
            return redirect("vouchers:letter_template", kind)
    context = _writing(request, occasion, words, form)
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "vouchers/letter_template.html", context, status=status)


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def letter_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """A letter as it was sent."""
    rows = Letter.objects.visible_to(request.actor).select_related("application__scheme")
    letter = get_object_or_404(rows, code=code)
    url = reverse("vouchers:application_detail", args=[letter.application.code])
    crumbs = [
        (_("Applications"), reverse("vouchers:application_list")),
        (letter.application.code, url),
        (letter.code, ""),
    ]
    return render(request, "vouchers/letter_detail.html", {"letter": letter, "crumbs": crumbs})


@require(Permission.ORGANIZATION_VIEW)
@require_safe
def letter_paper(request: SignedInRequest, code: str) -> HttpResponse:
    """The letter as PDF."""
    rows = Letter.objects.visible_to(request.actor).select_related("application__scheme__bureau")
    sent = get_object_or_404(rows, code=code)
    return pdf.response(papers.letter(sent), f"{sent.code}.pdf")


def _kind(kind: str) -> LetterKind:
    try:
        return LetterKind(kind)
    except ValueError as error:
        raise Http404 from error


def _writing(
    request: SignedInRequest, kind: LetterKind, words: letters.Current, form: LetterForm
) -> dict[str, Any]:
    texts = form.texts()
    return {
        "kind": kind,
        "version": words.version,
        "form": form,
        "places": [(name, wording.said(rules.PLACES[name])) for name in rules.places_of(kind)],
        "preview": letters.preview(
            bureau=request.actor.own(), kind=kind, texts=texts, at=timezone.now()
        ),
        "faults": letters.faults(kind=kind, texts=texts) if "preview" in request.POST else {},
    }
