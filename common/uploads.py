"""Uploads that are no larger on this side than anything here takes, however much is sent."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 12_000_000
"""Of all files of one request: more than the 10 MB that any page takes of a single one."""


class BoundedUploadHandler(FileUploadHandler):
    """First in the row of handlers: it passes on what fits and throws the rest away as it arrives.

    What a file has beyond the bound reaches neither memory nor disk. Its beginning is still larger than any form
    takes, so whoever sent it is told that the file is too large.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.room = MOST_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass on as much as there is room for."""
        kept = raw_data[: self.room]
        self.room -= len(kept)
        return kept or None

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind."""
        return
