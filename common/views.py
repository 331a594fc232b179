"""Pages and switches that belong to no domain."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from common import home as entries
from common import jobs
from common.display import TYPE_COOKIE
from common.gallery import gallery_context
from common.models import Job, JobStatus
from common.policies import open_to_everybody, open_to_signed_in

ONE_YEAR_SECONDS = 365 * 24 * 3600


@open_to_everybody
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs the signed-in person now, and the public first page to everybody else."""
    now = timezone.now()
    actor = getattr(request, "actor", None)
    if actor is None:
        return render(request, "common/landing.html", {"sections": entries.public_sections(now)})
    context = {
        "actor": actor,
        "tasks": entries.lines_for(actor, now),
        "figures": entries.figures_for(actor, now),
    }
    return render(request, "common/home.html", context)


@open_to_signed_in
@require_safe
def job_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show the progress of work that this person started."""
    job = get_object_or_404(Job.objects.filter(owner_id=request.user.pk or 0), code=code)
    context = {
        "job": job,
        "kind": jobs.kind_of(job),
        "is_done": job.status == JobStatus.DONE,
        "has_failed": job.status == JobStatus.FAILED,
    }
    return render(request, "common/job_detail.html", context)


def _safe_next(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else "/"


@open_to_everybody
@require_POST
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Turn large type on or off for this browser and go back."""
    response = HttpResponseRedirect(_safe_next(request))
    if request.POST.get("size") == "large":
        response.set_cookie(
            TYPE_COOKIE,
            "large",
            max_age=ONE_YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    else:
        response.delete_cookie(TYPE_COOKIE, samesite="Lax")
    return response


@open_to_everybody
@require_safe
def components_gallery(request: HttpRequest) -> HttpResponse:
    """Show every component once; only where the setting COMPONENT_GALLERY is on."""
    if not settings.COMPONENT_GALLERY:
        raise Http404
    return render(request, "common/components_gallery.html", gallery_context(request))
