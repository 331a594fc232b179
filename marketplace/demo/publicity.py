"""What the public and the inboxes of the demonstration hold: objections to a notice, and what was read."""

from datetime import timedelta

from accounts.actions import notifications
from accounts.models import Role
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from vouchers.grants.actions import objections
from vouchers.grants.models import Application, ApplicationStatus

OBJECTIONS = (
    ("周女士", "zhou@example.com", "该企业登记地址已无人办公，请核实其是否实际经营。"),
    ("某同行企业", "0934-8216677", "该企业同类项目去年已获市级补贴，疑似重复申领，请核对。"),
)
"""Who objects and why; the first one is decided, the last one waits."""


def object_to_notice(*, bureau: Team, calendar: Calendar) -> None:
    """Two visitors object to an application that is on notice today; the bureau decides on the first."""
    noticed = Application.objects.filter(
        scheme__bureau=bureau.organization,
        status=ApplicationStatus.NOTICED,
        notice__ends_at__gt=moment(calendar.today, 0),
    ).select_related("notice__announcement")
    day = calendar.today - timedelta(days=1)
    for application in noticed.order_by("pk")[:1]:
        made = [
            objections.raise_against(
                announcement=application.notice.announcement,
                application=application.code,
                name=name,
                contact=contact,
                reason=reason,
                at=moment(day, 10 + number),
            )
            for number, (name, contact, reason) in enumerate(OBJECTIONS)
        ]
        objections.reject(
            by=bureau[Role.SCHEME_OFFICER],
            objection=made[0],
            answer="已实地走访，企业于本月迁至新址，经营正常。",
            at=moment(day, 16),
        )


def read_until(*, teams: list[Team], calendar: Calendar) -> None:
    """People have read what is older than ten days."""
    for team in teams:
        for actor in team.actors.values():
            notifications.mark_all_read(by=actor, at=moment(calendar.today - timedelta(days=10)))
