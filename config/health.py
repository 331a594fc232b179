"""The address that watchers ask whether this process can serve."""

from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import ActorRequest, public


@public
@never_cache
@require_safe
def healthz(request: ActorRequest) -> HttpResponse:
    """200 when the database answers, else 503. The cache may be gone: nothing depends on it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
