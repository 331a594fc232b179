"""The API's own description."""

from typing import ClassVar, Literal

from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny, BasePermission

from common.policies import PUBLIC


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 document of the whole API; everybody may read it."""

    policy: Literal["public"] = PUBLIC
    permission_classes: ClassVar[list[type[BasePermission]]] = [AllowAny]  # type: ignore[misc]
