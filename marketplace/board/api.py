"""API: the public board."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Policy
from marketplace.board import sheets
from marketplace.board.serializers import PanelSerializer


class BoardView(APIView):
    """The figures of the whole platform, small cells hidden."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(operation_id="api-board-read", responses=PanelSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Read the public board."""
        found = sheets.panels(prefix="", is_public=True)
        return Response(PanelSerializer(found, many=True).data)
