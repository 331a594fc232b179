"""Reading CloudEvents and CSV."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchers.billing.rules import digests, events, uploads, wire
from vouchers.billing.rules.events import Refusal, Report, Unreadable

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "type": "cn.puhui.usage.v1",
    "source": "/clusters/a",
    "id": "request-1",
    "time": "2026-05-01T10:00:00.5+08:00",
    "subject": "SB-2345-678K",
    "data": {"input_tokens": 374, "output_tokens": 44},
}


def read(**changes: Any) -> events.Parsed:
    return wire.read_event(json.dumps(EVENT | changes).encode())


def digest(event: events.Parsed) -> bytes:
    assert isinstance(event, Report)
    said = digests.said(event.subscription, digests.canonical(event.quantities))
    moment = digests.micros(event.time)
    return digests.Source(1, event.source).both(event.id, moment, said)[1]


def test_read_event_gives_a_report_in_utc() -> None:
    found = read()

    assert isinstance(found, Report)
    assert found.time == datetime(2026, 5, 1, 2, 0, 0, 500_000, tzinfo=UTC)
    assert (found.source, found.id) == ("/clusters/a", "request-1")
    assert (found.subscription, found.quantities) == (EVENT["subject"], EVENT["data"])


def test_read_event_ignores_further_attributes() -> None:
    assert read(traceparent="00-1", datacontenttype="application/json") == read()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"specversion": "0.3"}, Refusal.UNKNOWN_VERSION),
        ({"type": "com.example.other"}, Refusal.UNKNOWN_TYPE),
        ({"id": ""}, Refusal.INVALID_ATTRIBUTE),
        ({"id": 7}, Refusal.INVALID_ATTRIBUTE),
        ({"id": "x" * 201}, Refusal.INVALID_ATTRIBUTE),
        ({"id": "a\x00b"}, Refusal.INVALID_ATTRIBUTE),
        ({"source": "\ud800"}, Refusal.INVALID_ATTRIBUTE),
        ({"subject": None}, Refusal.MISSING_ATTRIBUTE),
        ({"time": "yesterday"}, Refusal.INVALID_TIME),
        ({"time": "2026-05-01T10:00:00"}, Refusal.INVALID_TIME),
        ({"time": "9999-12-31T23:59:59-14:00"}, Refusal.INVALID_TIME),
        ({"time": "2026-02-30T10:00:00Z"}, Refusal.INVALID_TIME),
        ({"data": {}}, Refusal.INVALID_QUANTITY),
        ({"data": [1]}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": -1}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": 1.5}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": 1.0}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": True}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": "12"}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": None}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": float("nan")}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": float("inf")}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": 10**15 + 1}}, Refusal.INVALID_QUANTITY),
        ({"data": {"input_tokens": 10**400}}, Refusal.INVALID_QUANTITY),
        ({"data": {f"meter{number}": 1 for number in range(17)}}, Refusal.INVALID_QUANTITY),
    ],
)
def test_read_event_wrong_part_is_named(changes: dict[str, Any], code: Refusal) -> None:
    found = read(**changes)

    assert isinstance(found, Unreadable)
    assert found.code == code


@pytest.mark.parametrize("name", list(EVENT))
def test_read_event_missing_part_is_named(name: str) -> None:
    rest = {key: value for key, value in EVENT.items() if key != name}

    found = wire.read_event(json.dumps(rest).encode())

    assert found == Unreadable("" if name == "id" else "request-1", Refusal.MISSING_ATTRIBUTE)


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[]", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_read_event_garbage_is_malformed(body: bytes) -> None:
    assert wire.read_event(body) == Unreadable("", Refusal.MALFORMED)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "/clusters/b"},
        {"id": "request-2"},
        {"time": "2026-05-01T10:00:00.500001+08:00"},
        {"subject": "SB-2345-678L"},
        {"data": {"input_tokens": 375, "output_tokens": 44}},
        {"data": {"input_tokens": 374}},
    ],
)
def test_digest_differs_when_any_content_differs(changes: dict[str, Any]) -> None:
    assert digest(read()) != digest(read(**changes))


def test_digest_is_the_same_for_another_spelling() -> None:
    data = dict(reversed(EVENT["data"].items()))
    assert digest(read()) == digest(read(time="2026-05-01T02:00:00.500Z", data=data))


def test_read_batch_answers_each_and_keeps_neighbors_of_nan() -> None:
    bad = EVENT | {"id": "request-2", "data": {"input_tokens": float("nan")}}
    body = json.dumps([EVENT, bad, 7, EVENT | {"id": "request-3"}]).encode()

    found = wire.read_batch(body)

    assert [type(each) for each in found] == [Report, Unreadable, Unreadable, Report]
    assert found[1] == Unreadable("request-2", Refusal.INVALID_QUANTITY)


@pytest.mark.parametrize("body", [b"", b"{}", b"[{]", b"[1,", b"\xff[]", b"[" * 100_000])
def test_read_batch_that_is_no_list_is_refused_whole(body: bytes) -> None:
    with pytest.raises(events.BadBatch):
        wire.read_batch(body)


def test_read_batch_above_the_limit_is_refused_whole() -> None:
    with pytest.raises(events.TooMany):
        wire.read_batch(b"[" + b",".join([b"1"] * 5_001) + b"]")


def test_read_lines_one_bad_line_is_only_that_line() -> None:
    good = json.dumps(EVENT).encode()

    found = wire.read_lines(good + b"\r\n\n{oops\n" + good + b"\n")

    assert [type(each) for each in found] == [Report, Unreadable, Report]
    assert found[1] == Unreadable("", Refusal.MALFORMED)


texts = st.text(st.characters(max_codepoint=0x2FF) | st.just("\ud800"), max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
json_values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=3)


@given(changes=st.dictionaries(st.sampled_from(list(EVENT)), json_values, max_size=3))
def test_read_event_never_raises(changes: dict[str, Any]) -> None:
    found = wire.read_event(json.dumps(EVENT | changes).encode())

    assert isinstance(found, Report | Unreadable)


HEAD = "event_id,time,subscription,meter,quantity\n"


def test_read_csv_rows_become_events() -> None:
    text = (
        HEAD
        + "a,2026-05-01 10:00:00,sb-2345-678k,input_tokens,１２\na,2026-05-01T02:00Z,X,calls,3\n"
    )

    first, second = uploads.read_csv(b"\xef\xbb\xbf" + text.encode())

    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert (first.id, first.subscription) == ("a/input_tokens", "SB-2345-678K")
    assert first.quantities == {"input_tokens": 12}
    assert first.time == second.time == datetime(2026, 5, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "time", ["2026/5/1 10:00", "2026/05/01 10:00:00", "2026-05-01T10:00+08:00"]
)
def test_read_csv_time_as_spreadsheets_write_it(time: str) -> None:
    (found,) = uploads.read_csv(f"{HEAD}a,{time},SB,calls,1\n".encode())

    assert isinstance(found, Report)
    assert found.time == datetime(2026, 5, 1, 2, tzinfo=UTC)


def test_read_csv_gb18030_is_read() -> None:
    (found,) = uploads.read_csv((HEAD + "请求1,2026-05-01 10:00:00,SB,calls,1\n").encode("gb18030"))

    assert isinstance(found, Report)
    assert found.id == "请求1/calls"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("a,2026-05-01,SB", Refusal.MALFORMED),
        ("a,2026-05-01 10:00:00,SB,calls,1,2", Refusal.MALFORMED),
        (",2026-05-01 10:00:00,SB,calls,1", Refusal.MISSING_ATTRIBUTE),
        ("a,1 May,SB,calls,1", Refusal.INVALID_TIME),
        ("a,2026-05-01,SB,calls,1", Refusal.INVALID_TIME),
        ("a,2026-05-01 10:00:00,SB,calls,9.1E+17", Refusal.ROUNDED_NUMBER),
        ("a,2026-05-01 10:00:00,SB,calls,-1", Refusal.INVALID_QUANTITY),
        ("a,2026-05-01 10:00:00,SB,calls,=1+1", Refusal.INVALID_QUANTITY),
        ("a,2026-05-01 10:00:00,SB,calls,9999999999999999", Refusal.INVALID_QUANTITY),
    ],
)
def test_read_csv_wrong_row_is_only_that_row(row: str, code: Refusal) -> None:
    good = "b,2026-05-01 10:00:00,SB,calls,1"

    found = uploads.read_csv(f"{HEAD}{row}\n{good}\n".encode())

    assert isinstance(found[0], Unreadable)
    assert found[0].code == code
    assert isinstance(found[1], Report)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xff\x80", HEAD.encode("utf-16")])
def test_read_csv_other_file_is_refused_whole(content: bytes) -> None:
    with pytest.raises(events.BadBatch):
        uploads.read_csv(content)
