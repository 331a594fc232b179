"""Reminds holders of the last days of their vouchers."""

from datetime import datetime, timedelta

from django.db import transaction

from common.periods import end_of_day, local_day
from vouchers.grants import notifying
from vouchers.grants.actions import wallets
from vouchers.grants.models import ExpiryReminder, Voucher
from vouchers.grants.rules import reminding


def remind_due(*, at: datetime) -> int:
    """Remind of every voucher that has reached a threshold; returns how many reminders were sent.

    An idempotent tick: run twice, or by two workers, it sends nothing twice; run late, it sends the nearest
    threshold only. Vouchers with nothing left to use are passed by. Each voucher in its own transaction.
    """
    horizon = end_of_day(local_day(at) + timedelta(days=max(reminding.THRESHOLDS)))
    rows = Voucher.objects.usable_at(at).filter(expires_at__lte=horizon)
    keys = rows.order_by("expires_at", "pk").values_list("pk", flat=True)
    return sum(_remind(pk, at) for pk in list(keys))


@transaction.atomic
def _remind(pk: int, at: datetime) -> int:
    locked = (
        Voucher.objects.select_for_update(of=("self",), no_key=True)
        .select_related("scheme", "enterprise")
        .get(pk=pk)
    )
    today, last_day = local_day(at), locked.last_day
    sent = locked.reminders.filter(last_day=last_day).values_list("threshold_days", flat=True)
    threshold = reminding.due(last_day=last_day, today=today, reached=frozenset(sent))
    if threshold is None or not Voucher.objects.usable_at(at).filter(pk=pk).exists():
        return 0
    left_fen = wallets.entry(voucher=locked).available_fen
    if left_fen == 0:
        return 0
    ExpiryReminder.objects.create(
        voucher=locked, last_day=last_day, threshold_days=threshold, sent_at=at
    )
    notifying.tell_holder(
        "voucher_expiring",
        voucher=locked,
        once=f"{last_day}/{threshold}",
        days=(last_day - today).days,
        available_fen=left_fen,
        at=at,
    )
    return 1
