"""What officers say about flags."""

from dataclasses import replace

from vouchers.audit.rules.risks.feedback import Judged, Record, records, undismissed
from vouchers.audit.rules.risks.flags import Evidence, Flag


def test_record_of_each_version_by_hand() -> None:
    judged = [Judged("flat_curve", 2, confirmed=n < 5) for n in range(50)]

    found = records([*judged, Judged("benford", 1, confirmed=False)])

    assert found == [
        Record("benford", 1, 0, 1, 0.0, 0.975),
        Record("flat_curve", 2, 5, 45, 0.033275, 0.218135),
    ]


def test_dismissed_flag_stays_away_until_it_sees_something_else() -> None:
    flag = Flag("invoice_reused", 1, "R1", 90, {"others": 1}, (Evidence("redemption", "R2"),))
    more = replace(flag, evidence=(*flag.evidence, Evidence("redemption", "R3")))

    assert undismissed([flag, more], {flag.fingerprint}) == [more]
