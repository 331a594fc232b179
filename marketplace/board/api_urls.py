"""Address of the API of the board."""

from django.urls import path

from marketplace.board import api

urlpatterns = [path("board/", api.BoardView.as_view(), name="api-board")]
