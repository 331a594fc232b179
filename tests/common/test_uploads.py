"""However much is sent, only so much is taken in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory

from common.uploads import MOST_BYTES
from tests.vouchers.grants import people
from tests.vouchers.grants.test_draft_pages import draft
from tests.vouchers.grants.web import page
from vouchers.grants.models import Evidence

HUGE = b"%PDF-" + b"0" * (MOST_BYTES + 3_000_000)


def received(**sent: bytes) -> "list[UploadedFile[bytes]]":
    """What a request brings of those files."""
    files = {name: SimpleUploadedFile("a.pdf", content) for name, content in sent.items()}
    request = RequestFactory().post("/", files)
    return [each for each in request.FILES.values() if isinstance(each, UploadedFile)]


def test_what_passes_the_bound_is_thrown_away_while_it_arrives() -> None:
    [taken] = received(file=HUGE)

    assert taken.size == MOST_BYTES
    assert taken.read(5) == b"%PDF-"


def test_bound_holds_for_all_files_of_a_request_together() -> None:
    taken = received(one=HUGE[:8_000_000], two=HUGE[:8_000_000], three=HUGE[:8_000_000])

    assert sum(each.size or 0 for each in taken) == MOST_BYTES


def test_small_file_arrives_whole() -> None:
    [taken] = received(file=HUGE[:1000])

    assert taken.read() == HUGE[:1000]


@pytest.mark.django_db
def test_whoever_sends_too_much_is_told_so_at_the_field() -> None:
    cast = people.cast()
    asked = draft(cast)

    answer = page(cast.preparer).post(
        f"/applications/{asked.code}/evidence/",
        {"kind": "contract", "file": SimpleUploadedFile("a.pdf", HUGE)},
    )

    assert answer.status_code == 422
    assert "larger than 10 MB" in str(answer.context["form"].errors["file"])
    assert not Evidence.objects.exists()
