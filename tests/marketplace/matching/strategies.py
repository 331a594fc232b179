"""Terms and candidates for property tests."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from marketplace.matching.rules.limits import Candidate, Part, Room, Terms
from marketplace.matching.rules.scoring import Facts

DAY = date(2026, 10, 12)
PLACES = ("620000", "621000", "621002", "110000", "110108")
LATENCIES = st.integers(100, 200_000)

terms = st.builds(
    Terms,
    section=st.sampled_from("CGI"),
    region=st.sampled_from(["", *PLACES]),
    latency_us=st.none() | LATENCIES,
    needs_domestic_chip=st.booleans(),
    budget_fen=st.integers(1, 10**9),
    day=st.just(DAY),
)
parts = st.builds(
    Part,
    offering=st.sampled_from(["OF-1", "OF-2", "OF-3"]),
    layer=st.sampled_from(["compute", "platform", "application"]),
    is_listed=st.booleans(),
    is_provider_verified=st.booleans(),
    license_expires_on=st.dates(date(2026, 9, 1), date(2026, 12, 1)),
    region=st.sampled_from(["", *PLACES]),
    latency_us=st.none() | LATENCIES,
    has_domestic_chip=st.booleans(),
)
rooms = st.builds(
    Room,
    offering=st.just("OF-1"),
    meter=st.just("calls"),
    month=st.just(date(2026, 10, 1)),
    left_units=st.integers(0, 1000),
    wanted_units=st.integers(1, 1000),
)
candidates = st.builds(
    Candidate,
    bundle=st.from_regex(r"BN-[A-Z]{4}", fullmatch=True),
    sections=st.sampled_from(["", "C", "CG"]),
    parts=st.lists(parts, min_size=1, max_size=4).map(tuple),
    rooms=st.lists(rooms, max_size=2).map(tuple),
    price_fen=st.integers(0, 10**9),
    own_fen=st.integers(0, 10**9),
    is_priced=st.booleans(),
)
facts = st.builds(
    Facts,
    bundle=st.from_regex(r"BN-[A-Z]{4}", fullmatch=True),
    own_fen=st.integers(0, 10**6),
    budget_fen=st.just(10**6),
    start_cost_fen=st.integers(0, 10**6),
    days_to_first_use=st.integers(0, 60),
    latency_us=st.none() | LATENCIES,
    served_meters=st.integers(0, 3),
    needed_meters=st.just(3),
    quality=st.integers(0, 1000),
)


def good_part() -> Part:
    """A part that breaks no limit."""
    return Part("OF-1", "compute", True, True, date(2030, 1, 1), "621002", 3000, True)


def good_candidate() -> Candidate:
    """A candidate that breaks no limit."""
    return Candidate("BN-GOOD", "C", (good_part(),), (), 5000, 3500, True)


def strict_terms() -> Terms:
    """Terms with every limit set."""
    return Terms("C", "621000", 5000, True, 10_000, DAY)


def changed(candidate: Candidate, **values: object) -> Candidate:
    """The candidate with another first part."""
    return replace(candidate, parts=(replace(candidate.parts[0], **values),))  # type: ignore[arg-type]
