"""The page on which a bureau writes a scheme as text, tries it and saves it as a draft."""

from typing import Any

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
from vouchers.grants import wording
from vouchers.grants.actions import designs
from vouchers.grants.forms import posted
from vouchers.grants.forms.designs import SchemeTextForm
from vouchers.grants.models import Scheme
from vouchers.grants.shown import rulebook, verdicts


@require(Permission.SCHEME_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_design(request: SignedInRequest) -> HttpResponse:
    """Write a scheme as text: check it, rehearse it, or save it as a draft."""
    form = SchemeTextForm(posted(request), initial=_initial(request))
    if request.method != "POST" or not form.is_valid():
        return _shown(request, form, None)
    if request.POST.get("do") == "save":
        try:
            made = designs.save(by=request.actor, at=timezone.now(), **form.as_asked())
        except DomainError as error:
            add_refusal(form, error)
            return _shown(request, form, None)
        messages.success(request, _("The draft is saved. Another officer checks and publishes it."))
        return redirect("vouchers:scheme_detail", made.code)
    asked = request.POST.get("do")
    found = designs.look(
        by=request.actor,
        text=form.cleaned_data["text"],
        with_rehearsal=asked == "rehearse",
        case=form.cleaned_data["case"] if asked == "assess" else None,
    )
    return _shown(request, form, found)


def _initial(request: SignedInRequest) -> dict[str, Any]:
    """The text of a scheme of one's own bureau, from which the next version is written; else the example."""
    code = request.GET.get("from")
    if not code:
        return {"text": designs.starting_text(bureau=request.actor.own())}
    own = Scheme.objects.visible_to(request.actor).filter(bureau=request.actor.own())
    scheme = get_object_or_404(own, code=code)
    return {
        "text": designs.text_of(scheme),
        "budget_fen": scheme.budget_fen,
        "opens_on": scheme.opens_on,
        "closes_on": scheme.closes_on,
    }


def _shown(
    request: SignedInRequest, form: SchemeTextForm, found: designs.Design | None
) -> HttpResponse:
    for fault in found.faults if found else ():
        words = _("Line %(line)s, %(path)s: %(words)s") % {
            "line": fault.line,
            "path": fault.path or "–",
            "words": fault.words,
        }
        form.add_error("text", words)
    for words in found.case_faults if found else ():
        form.add_error("case", words)
    context: dict[str, Any] = {
        "form": form,
        "design": found,
        "lines": rulebook.lines_of(found.rules) if found and found.rules else [],
        "missing": rulebook.missing_of(found.rules) if found and found.rules else [],
        "asked": rulebook.questions_of(found.rules) if found and found.rules else [],
    }
    if found and found.answer:
        context |= {
            "assessment": found.answer,
            "reasons": verdicts.reasons(found.answer),
            "how": verdicts.sum_in_words(found.answer),
            "refusals": [wording.refusal(code) for code in found.answer.refusals],
        }
    status = 422 if form.errors else 200
    return render(request, "vouchers/scheme_design.html", context, status=status)
