"""Pages of lists, for pages and for the API."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.pagination import CursorPagination, PageNumberPagination

PAGE_SIZE = 25


def page_of(
    rows: QuerySet[Any, Any] | Sequence[Any], request: HttpRequest, *, size: int = PAGE_SIZE
) -> Page[Any]:
    """The page named by `?page=`; the nearest existing one when the number is off."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


class ListPagination(PageNumberPagination):
    """Numbered pages for lists that people edit."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class AppendOnlyPagination(CursorPagination):
    """Cursor pages for lists that only grow, oldest first."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    ordering = "pk"
