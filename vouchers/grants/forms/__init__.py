"""What people type on the pages of grants: forms check shape and never write."""

from django.http import HttpRequest, QueryDict

from accounts import returning


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; None when the form is only shown.

    After a sign-in in between, what was sent before it: shown again, and saved only when it is sent again.
    """
    return request.POST if request.method == "POST" else returning.hand_back(request)
