"""Invoices and photographs that were used before."""

import io
import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.vouchers.audit.risks.books import book, flagged, flags, redemption
from vouchers.audit.rules.risks.invoices import one_slip_apart
from vouchers.audit.rules.risks.photos import HEIGHT, WIDTH, difference_hash

NUMBER = "26512000001234567890"


@pytest.mark.parametrize("typed", [NUMBER, "2651 2000 0012 3456 7890", "２６512000001234567890"])
def test_invoice_used_again_is_flagged_on_both_however_typed(typed: str) -> None:
    first = redemption("R1", invoice_number=NUMBER)
    second = redemption("R2", invoice_number=typed, firm="E2", voucher="V2", provider="S2")

    found = flags("invoice_reused", book([first, second, redemption("R3")]))

    assert [(flag.subject, [one.code for one in flag.evidence]) for flag in found] == [
        ("R1", ["R2"]),
        ("R2", ["R1"]),
    ]


def test_invoice_of_one_claim_is_no_reuse() -> None:
    lines = [redemption(f"R{n}", invoice_number=NUMBER, claim="CL1") for n in (1, 2)]

    assert flagged("invoice_reused", book(lines)) == []


@pytest.mark.parametrize(("provider", "found"), [("S1", ["R1", "R2"]), ("S2", [])])
def test_short_invoice_number_counts_within_its_seller(provider: str, found: list[str]) -> None:
    pair = [
        redemption("R1", invoice_number="00123456"),
        redemption("R2", invoice_number="00123456", provider=provider),
    ]

    assert flagged("invoice_reused", book(pair)) == found


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("12345678", "12345678", False),
        ("12345678", "12345679", True),
        ("12345678", "12345687", True),
        ("12345678", "1234567", True),
        ("12345678", "112345678", True),
        ("12345678", "12345697", False),
        ("12345678", "123456", False),
        ("12345678", "21345687", False),
    ],
)
def test_one_slip_apart(left: str, right: str, *, expected: bool) -> None:
    assert one_slip_apart(left, right) is expected
    assert one_slip_apart(right, left) is expected


def test_near_match_needs_the_same_days_and_sum() -> None:
    first = redemption("R1", invoice_number=NUMBER)
    doctored = redemption("R2", invoice_number=NUMBER[:-1] + "8")
    monthly = redemption(
        "R3", invoice_number=NUMBER[:-1] + "1", starts_on=first.starts_on.replace(month=4)
    )
    dearer = redemption("R4", invoice_number=NUMBER[:-1] + "2", invoice_fen=99_900)

    assert flagged("invoice_near_match", book([first, doctored, monthly, dearer])) == ["R1", "R2"]


def _picture(seed: int) -> Image.Image:
    source = random.Random(seed)
    picture = Image.new("RGB", (640, 480), (90, 100, 110))
    pencil = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = source.randrange(640), source.randrange(480)
        color = tuple(source.randrange(256) for _ in range(3))
        pencil.rectangle((x, y, x + source.randrange(200), y + source.randrange(200)), fill=color)
    return picture.filter(ImageFilter.GaussianBlur(6))


def _hash(picture: Image.Image) -> int:
    small = picture.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return difference_hash(list(small.tobytes()))


def test_photo_saved_smaller_brighter_and_compressed_is_found_in_another_firms_papers() -> None:
    original = _picture(1)
    again = original.resize((200, 150)).point(lambda value: min(255, int(value * 1.1)))
    packed = io.BytesIO()
    again.save(packed, "JPEG", quality=40)
    copy = Image.open(packed)

    found = book(
        [
            redemption("R1", photos=(_hash(original),)),
            redemption("R2", photos=(_hash(copy),), firm="E2", voucher="V2"),
            redemption("R3", photos=(_hash(_picture(2)),), firm="E3", voucher="V3"),
        ]
    )

    assert flagged("photo_reused", found) == ["R1", "R2"]


def test_photo_of_the_same_firm_and_blank_pages_are_left_alone() -> None:
    scene = 0x0F1E2D3C4B5A6978

    found = book(
        [
            redemption("R1", photos=(scene,)),
            redemption("R2", photos=(scene ^ 1,)),
            redemption("R3", photos=(0,), firm="E3", voucher="V3"),
            redemption("R4", photos=(0,), firm="E4", voucher="V4"),
        ]
    )

    assert flagged("photo_reused", found) == []


@pytest.mark.parametrize(("bits", "found"), [(6, ["R1", "R2"]), (7, [])])
def test_photo_distance_holds_on_both_sides(bits: int, found: list[str]) -> None:
    scene = 0x0F1E2D3C4B5A6978
    turned = sum(1 << (bit * 9) for bit in range(bits))
    pair = [
        redemption("R1", photos=(scene,)),
        redemption("R2", photos=(scene ^ turned,), firm="E2", voucher="V2"),
    ]

    assert flagged("photo_reused", book(pair)) == found


def test_hash_search_agrees_with_comparing_all_pairs() -> None:
    source = random.Random(7)
    base = [source.getrandbits(64) for _ in range(30)]
    pictures = [
        each ^ sum(1 << bit for bit in source.sample(range(64), source.randrange(10)))
        for each in base
        for _ in range(4)
    ]
    ones = [
        redemption(f"R{n}", photos=(picture,), firm=f"E{n}", voucher=f"V{n}")
        for n, picture in enumerate(pictures, start=1)
    ]

    expected = {
        one.code
        for one in ones
        for other in ones
        if one is not other and (one.photos[0] ^ other.photos[0]).bit_count() <= 6
    }

    assert set(flagged("photo_reused", book(ones))) == expected
    assert 20 < len(expected) < 120
