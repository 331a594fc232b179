"""Words for what the rules only name by a code."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.rules.events import MAX_EVENTS, Refusal

REFUSALS: dict[str, Promise] = {
    Refusal.MALFORMED: _("This is not a readable event. Check its form."),
    Refusal.MISSING_ATTRIBUTE: _("A required attribute is missing."),
    Refusal.INVALID_ATTRIBUTE: _("An attribute is empty, too long or contains control characters."),
    Refusal.UNKNOWN_VERSION: _("Only CloudEvents 1.0 is accepted."),
    Refusal.UNKNOWN_TYPE: _("The type must be cn.puhui.usage.v1."),
    Refusal.INVALID_TIME: _(
        "Give the time with its offset, for example 2026-05-01T10:00:00+08:00."
    ),
    Refusal.INVALID_QUANTITY: _("Quantities are whole numbers in base units, not below zero."),
    Refusal.UNKNOWN_SUBSCRIPTION: _("You have no subscription with this code."),
    Refusal.METER_NOT_PRICED: _("The offering had no price for this meter on that day."),
    Refusal.TIME_IN_FUTURE: _("The time lies in the future. Check the clock."),
    Refusal.BEFORE_START: _("The time lies before the start of the subscription."),
    Refusal.SUBSCRIPTION_ENDED: _("The time lies behind the end of the subscription."),
    Refusal.TOO_LATE: _(
        "The month of this event is closed and the event is more than 92 days old. "
        "Agree on a correction with the bureau."
    ),
    Refusal.ABOVE_CAPACITY: _(
        "With the month's other usage this is more than the offering can deliver. "
        "If its capacity is stated wrongly, correct that first."
    ),
    Refusal.ABOVE_CAP: _(
        "With this the subscription would pass the cap it was agreed with, as a trial has one. "
        "Nothing of it was taken; the firm can order the offering."
    ),
    Refusal.OUTSIDE_WINDOW: _("These idle machines were not lent out at that time."),
    Refusal.UNKNOWN_ORIGINAL: _(
        "No event of this source with the id in `corrects` is stored for this subscription. "
        "Report the original first."
    ),
    Refusal.CORRECTION_OF_CORRECTION: _(
        "A correction cannot be corrected. Send another correction of the original event."
    ),
    Refusal.CORRECTION_TOO_LARGE: _(
        "With its corrections the original event would fall below zero, or it has no such meter."
    ),
    Refusal.FORMULA: _(
        "A cell of this row holds a formula. Paste the cells as values and upload the file again."
    ),
    Refusal.ROUNDED_NUMBER: _(
        "The spreadsheet cut a long number of this row to 15 digits. "
        "Format the column as text and fill in the number again."
    ),
}

OUTCOMES: dict[str, Promise] = {
    Outcome.ACCEPTED: _("Accepted"),
    Outcome.DUPLICATE: _("Known already"),
    Outcome.CONFLICT: _("Conflict"),
    Outcome.REJECTED: _("Rejected"),
}

CONFLICT = _("The same source and id were reported before with other content. Nothing was changed.")
DUPLICATE = _("The same event was reported before. It counts once.")
MALFORMED_BATCH = _("The body is not what its content type says. Nothing was taken.")


def too_many() -> str:
    """How many events one call may have."""
    return gettext("Send at most %(limit)s events in one call.") % {"limit": MAX_EVENTS}


def explanation(outcome: str, code: str | None) -> str:
    """What an answer means, in words; empty for an accepted event."""
    if outcome == Outcome.DUPLICATE:
        return str(DUPLICATE)
    if outcome == Outcome.CONFLICT:
        return str(CONFLICT)
    return str(REFUSALS[code]) if code else ""
