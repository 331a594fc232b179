"""What supply puts on the first page of a bureau and of a provider."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, can
from accounts.permissions import Permission
from common.home import HomeTask
from providers import onboarding
from providers.models import Provider, ProviderStatus


def waiting_registrations(actor: Actor, at: datetime) -> list[HomeTask]:
    """For officers who verify: registrations that wait for a decision."""
    if not can(actor, Permission.PROVIDER_VERIFY):
        return []
    waiting = Provider.objects.visible_to(actor).filter(status=ProviderStatus.SUBMITTED).count()
    url = f"{reverse('providers:provider_list')}?status=submitted"
    return [HomeTask(_("Providers waiting for verification"), waiting, url, icon="server-2")]


def missing_steps(actor: Actor, at: datetime) -> list[HomeTask]:
    """For a provider: what is missing before it can sell."""
    if not onboarding.needs_onboarding(actor):
        return []
    progress = onboarding.progress_of(actor)
    refused = progress.status == ProviderStatus.REFUSED
    return [
        HomeTask(
            _("Steps left before you can sell"),
            onboarding.missing_count(progress),
            reverse("providers:onboarding"),
            "bad" if refused else "warn",
            progress.remark,
        )
    ]
