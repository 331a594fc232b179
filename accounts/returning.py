"""What was sent by somebody whose session had ended: kept until the next sign-in, then handed back to its page.

Works without scripts. Files and secrets are not kept.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

KEPT = "kept_post"
MOST_BYTES = 64_000
NEVER = frozenset({"csrfmiddlewaretoken", "password", "login"})


def keep(request: HttpRequest) -> None:
    """Keep the fields of a refused POST in the session of whoever sent it, the latest one only."""
    if request.method != "POST":
        return
    pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    text = urlencode([pair for pair in pairs if pair[0] not in NEVER])
    if 0 < len(text) <= MOST_BYTES:
        request.session[KEPT] = {"path": request.path, "sent": text}


def hand_back(request: HttpRequest) -> QueryDict | None:
    """The kept fields of this page, once; None when there are none."""
    kept = request.session.get(KEPT)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[KEPT]
    messages.info(
        request,
        _("You had been signed out, so nothing was saved. Your entries are back: check and send."),
    )
    return QueryDict(kept["sent"])
