"""Import and export by file: row by row, tried out first, twice without a difference."""

import csv
import io
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from providers.actions import imports, sheets
from providers.actions.sheets import files
from providers.models import Capacity, Facility, Offering, Provider, Rate
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
HALL = "kind,name,region,latency_ms,cards\r\n"


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


def run(by: Actor, subject: str, text: str, *, dry_run: bool = False) -> list[imports.Answer]:
    return imports.run(by=by, subject=subject, content=text.encode(), dry_run=dry_run, at=NOW)


def outcomes(answers: Sequence[imports.Answer]) -> list[tuple[int, str, str]]:
    return [(answer.number, answer.outcome, answer.code) for answer in answers]


def exported(by: Actor, subject: str, form: str = "csv") -> bytes:
    made = sheets.SUBJECTS[subject](by, NOW)
    write = files.as_csv if form == "csv" else files.as_xlsx
    return write(type(made), made.export())


def test_each_row_answers_for_itself(operator: Actor) -> None:
    answers = run(
        operator,
        "facilities",
        HALL
        + "edge_data_center,西峰一号,621002,3.5,8\r\n"
        + "moon_base,西峰二号,621002,3.5,8\r\n"
        + "edge_data_center,西峰三号,621002,3.5,-8\r\n"
        + "edge_data_center,西峰四号,999999,3.5,8\r\n"
        + "edge_data_center,西峰五号,621002,3.5,9.1E+17\r\n"
        + "edge_data_center,=A1,621002,3.5,8\r\n",
    )

    assert outcomes(answers) == [
        (2, "changed", ""),
        (3, "refused", "bad_cell"),
        (4, "refused", "invalid_spec"),
        (5, "refused", "invalid_facility"),
        (6, "refused", "cell_shortened"),
        (7, "refused", "cell_formula"),
    ]
    made = Facility.objects.get()
    assert (made.name, made.latency_us, made.spec) == ("西峰一号", 3500, {"cards": 8})


def test_trial_keeps_nothing_and_the_same_file_twice_changes_nothing(operator: Actor) -> None:
    text = HALL + "edge_data_center,西峰一号,621002,3.5,8\r\n"

    assert outcomes(run(operator, "facilities", text, dry_run=True)) == [(2, "changed", "")]
    assert not Facility.objects.exists()
    run(operator, "facilities", text)

    assert outcomes(run(operator, "facilities", text)) == [(2, "unchanged", "")]
    other = run(operator, "facilities", text.replace(",8", ",9"))
    assert outcomes(other) == [(2, "refused", "row_differs")]


def test_prices_of_one_list_are_taken_together_or_not_at_all(
    operator: Actor, supplier: Provider
) -> None:
    code = providers.offering(supplier).code
    head = "offering,meter,unit,price_yuan,from_day,volume_from\n"
    bad = f"{code},input_tokens,million_tokens,1.5,2026-11-01,-1\n"
    good = f"{code},input_tokens,million_tokens,2.00,2026-11-01,\n"

    refused = run(operator, "prices", head + good + bad)
    taken = run(operator, "prices", head + good + bad.replace(",-1", ",100"))
    again = run(operator, "prices", head + good + bad.replace(",-1", ",100"))

    assert outcomes(refused) == [(n, "refused", "price_tiers_invalid") for n in (2, 3)]
    assert outcomes(taken) == [(2, "changed", ""), (3, "changed", "")]
    assert outcomes(again) == [(2, "unchanged", ""), (3, "unchanged", "")]
    assert sorted(Rate.objects.values_list("volume_from", flat=True)) == [0, 100_000_000]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("{},input_tokens,,2.00,2026-11-01", "price_without_unit"),
        ("{},input_tokens,call,2.00,2026-11-01", "price_without_unit"),
        ("{},joules,joule,2.00,2026-11-01", "bad_cell"),
        ("{},input_tokens,million_tokens,NaN,2026-11-01", "bad_cell"),
        ("{},input_tokens,million_tokens,-2,2026-11-01", "price_negative"),
        ("{},input_tokens,million_tokens,1e400,2026-11-01", "cell_shortened"),
        ("{},input_tokens,million_tokens,2.00,yesterday", "bad_cell"),
        ("{},input_tokens,million_tokens,2.00,2026-09-01", "price_in_past"),
        ("OF-NOBODY,input_tokens,million_tokens,2.00,2026-11-01", "bad_cell"),
    ],
)
def test_impossible_price_refused_with_a_code(
    operator: Actor, supplier: Provider, cells: str, code: str
) -> None:
    own = providers.offering(supplier).code
    text = "offering,meter,unit,price_yuan,from_day\n" + cells.format(own)

    assert outcomes(run(operator, "prices", text)) == [(2, "refused", code)]
    assert not Rate.objects.exists()


def test_negative_and_impossible_capacity_refused_with_a_code(
    operator: Actor, supplier: Provider
) -> None:
    hall = providers.facility(supplier)
    own = providers.offering(supplier, facility=hall, layer="compute").code
    text = "offering,meter,unit,month,amount\n" + "".join(
        f"{own},card_seconds,card_hour,{month},{amount}\n"
        for month, amount in (
            ("2026-10", "-1"), ("2026-11", "99999"), ("2026-08", "1"), ("2026-12", "5952"),
        )
    )  # fmt: skip

    answers = run(operator, "capacities", text)

    assert outcomes(answers) == [
        (2, "refused", "invalid_capacity"),
        (3, "refused", "above_physical_bound"),
        (4, "refused", "invalid_capacity"),
        (5, "changed", ""),
    ]
    assert Capacity.objects.get().total_units == 8 * 31 * 86_400


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export_sent_back_changes_nothing(operator: Actor, supplier: Provider, form: str) -> None:
    hall = providers.facility(supplier, name="=HYPERLINK(1)", latency_us=3_141)
    offered = providers.offering(supplier, facility=hall, summary="+86 服务", layer="compute")
    providers.rate(offered, "card_seconds", "2.5", 3_600, minimum_fen=150)
    providers.rate(offered, "card_seconds", "1.25", 3_600, volume_from=36_000)
    providers.rate(offered, "input_tokens", "0.0000125", 1)
    providers.capacity(offered, meter="card_seconds", month=date(2026, 9, 1), total_units=7_200)

    for subject in sheets.SUBJECTS:
        content = exported(operator, subject, form)
        answers = imports.run(by=operator, subject=subject, content=content, at=NOW)
        assert answers, subject
        assert {(a.outcome, a.message) for a in answers} == {("unchanged", "")}, subject


def test_export_escapes_formulas(operator: Actor, supplier: Provider) -> None:
    providers.facility(supplier, name="=HYPERLINK(1)")

    (row,) = csv.DictReader(io.StringIO(exported(operator, "facilities").decode("utf-8-sig")))

    assert row["name"] == "'=HYPERLINK(1)"


def test_offering_by_file_becomes_a_draft_once(operator: Actor, supplier: Provider) -> None:
    hall = providers.facility(supplier)
    text = f"layer,facility,name,has_domestic_chip\ncompute,{hall.code},算力卡时,yes\n"

    first, second = (outcomes(run(operator, "offerings", text)) for _turn in range(2))

    assert (first, second) == ([(2, "changed", "")], [(2, "unchanged", "")])
    made = Offering.objects.get()
    assert (made.status, made.facility, made.has_domestic_chip) == ("draft", hall, True)


def test_another_providers_numbers_are_unknown(operator: Actor) -> None:
    other = providers.facility()
    text = f"layer,facility,name\ncompute,{other.code},算力卡时\n"

    assert outcomes(run(operator, "offerings", text)) == [(2, "refused", "bad_cell")]


def test_import_three_people(supplier: Provider) -> None:
    viewer = accounts.member(supplier.organization, Role.VIEWER)

    for by in (viewer, accounts.officer(), accounts.signatory()):
        with pytest.raises(Forbidden):
            run(by, "facilities", HALL)


def test_page_tries_out_then_imports_and_gives_the_result_as_a_file(operator: Actor) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(operator.user)
    url = reverse("providers:sheet_import", args=["facilities"])
    content = (HALL + "edge_data_center,西峰一号,621002,3.5,8\r\nx,y,z,1,1\r\n").encode("gb18030")

    def send(**more: str) -> str:
        file = SimpleUploadedFile("halls.csv", content)
        return client.post(url, {"file": file, **more}).content.decode()

    assert "Would be imported" in send(check="1")
    assert not Facility.objects.exists()
    result = send(as_file="on")

    assert Facility.objects.get().name == "西峰一号"
    assert [line.split(",")[:2] for line in result.splitlines()[1:]] == [
        ["2", "changed"],
        ["3", "refused"],
    ]
    assert client.post(url, {"file": SimpleUploadedFile("x.csv", b"")}).status_code == 422
    for form in ("csv", "xlsx"):
        assert client.get(f"{url}template.{form}").status_code == 200
        assert client.get(f"{url}export.{form}").status_code == 200
    assert client.get(f"{url}export.pdf").status_code == 404
    assert client.get(reverse("providers:sheet_import", args=["moons"])).status_code == 404


def test_openb_nodes_load_as_facilities(operator: Actor, shared_data: Path) -> None:
    """1,213 real GPU nodes: cards and cores as published, twice without a difference."""
    with (shared_data / "openb_gpu_nodes.csv").open() as source:
        nodes = list(csv.DictReader(source))
    text = "kind,name,region,latency_ms,cards,card_model,cores\n" + "".join(
        f"edge_data_center,{node['sn']},621002,3,{node['gpu']},{node['model']},"
        f"{int(node['cpu_milli']) // 1000}\n"
        for node in nodes
    )

    begun = time.monotonic()
    answers = run(operator, "facilities", text)
    print(f"{len(answers)} nodes in {time.monotonic() - begun:.1f} s")  # noqa: T201 - the figure

    assert len(nodes) == 1_213
    assert {answer.outcome for answer in answers} == {"changed"}
    assert sum(facility.spec["cards"] for facility in Facility.objects.all()) == sum(
        int(node["gpu"]) for node in nodes
    )
    assert {answer.outcome for answer in run(operator, "facilities", text)} == {"unchanged"}
