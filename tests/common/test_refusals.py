"""Problem pages and documents."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from common.errors import Conflict, DomainError
from common.refusals import RefusalMiddleware, server_error


@pytest.mark.django_db
def test_missing_page_is_a_page_and_missing_operation_a_problem() -> None:
    page = Client().get("/no-page/")
    operation = Client().get("/api/v1/no-operation/")

    assert page.status_code == operation.status_code == 404
    assert page["Content-Type"].startswith("text/html")
    assert operation["Content-Type"] == "application/problem+json"
    assert operation.json()["code"] == "not_found"


def test_broken_operation_is_a_problem() -> None:
    answer = server_error(RequestFactory().get("/api/v1/x/"))

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("error", "status"), [(DomainError("不行"), 422), (Conflict("晚了"), 409)])
def test_refusal_that_no_form_caught_is_a_page(error: DomainError, status: int) -> None:
    request = RequestFactory().post("/somewhere/")
    middleware = RefusalMiddleware(lambda _request: HttpResponse())

    answer = middleware.process_exception(request, error)

    assert answer is not None
    assert answer.status_code == status
    page = answer.content.decode()
    assert str(error.message) in page
    assert error.code in page
    assert "/somewhere/" in page


def test_other_errors_are_left_alone() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert (
        RefusalMiddleware(view).process_exception(RequestFactory().get("/"), ValueError()) is None
    )
