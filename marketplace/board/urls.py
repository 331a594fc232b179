"""Addresses of the operation board."""

from django.urls import path

from marketplace.board import views

urlpatterns = [
    path("board/", views.board_public, name="board_public"),
    path("board/desk/", views.board_desk, name="board_desk"),
    path("board/recognitions/new/", views.recognition_create, name="recognition_create"),
    path("board/desk/<slug:figure>.csv", views.desk_csv, name="board_desk_csv"),
    path("board/desk/<slug:figure>/", views.figure_rows, name="board_rows"),
    path("board/<slug:figure>.csv", views.figure_csv, name="board_csv"),
]
