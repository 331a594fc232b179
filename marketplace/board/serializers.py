"""The board on the wire."""

from typing import Any

from rest_framework import serializers


class PanelSerializer(serializers.Serializer[Any]):
    """A figure with its definition; rows are a label and one text per further column."""

    figure = serializers.CharField()
    title = serializers.CharField(source="figure.label")
    definition = serializers.CharField()
    headline = serializers.CharField()
    heads = serializers.ListField(child=serializers.CharField())
    rows = serializers.SerializerMethodField()

    def get_rows(self, panel: Any) -> list[list[str]]:
        """Label and cells as they are read."""
        return [[str(label), *(str(cell.text) for cell in cells)] for label, cells in panel.rows]
