"""Files in request bodies: as they are, or inside a form."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from core.application.files import TenantFiles
from core.domain.errors import BadRequest, UnsupportedForm
from core.presentation.bodies import SpooledBody

ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/csv": ".csv",
    "application/json": ".json",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-parquet": ".parquet",
    "application/vnd.apache.arrow.file": ".arrow",
    "application/vnd.apache.arrow.stream": ".arrows",
    "application/gzip": "",
    "application/zstd": "",
    "application/octet-stream": "",
    "text/plain": "",
    "": "",
}
FORM = "multipart/form-data"
CHUNK = 1 << 20
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **{
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in ENDINGS
                if kind and kind != "text/plain"
            },
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


class UnknownForm(UnsupportedForm):
    title = "That media type is not read here"


class MalformedForm(BadRequest):
    title = "The form is not well-formed"


@contextmanager
def uploaded_file(request: Request, body: SpooledBody, files: TenantFiles) -> Iterator[Path]:
    """The file that was sent, its ending that of its form; gone afterwards. Names that clients give are not looked at.

    Raises UnknownForm, MalformedForm.
    """
    if body.encoding not in ("", "identity", "gzip"):
        raise UnknownForm(f"The encoding {body.encoding[:40]!r} is not read.", fix="Use gzip, or none.")
    if body.media_type == FORM:
        with files.staging(".part") as part:
            kind = _file_of_form(body.path, request.headers.get("content-type", ""), part)
            with files.staging(_ending(kind)) as path:
                yield part.replace(path)
        return
    with files.staging(_ending(body.media_type)) as path:
        yield body.path.replace(path)


def _ending(media_type: str) -> str:
    if media_type not in ENDINGS:
        raise UnknownForm(
            f"It came as {media_type[:80]}.",
            fix="Say what it is: curl -H 'Content-Type: text/csv' --data-binary @file.csv",
        )
    return ENDINGS[media_type]


def _file_of_form(body: Path, content_type: str, part: Path) -> str:
    """Write the form's field ``file`` to ``part``; gives its media type."""
    _, options = parse_options_header(content_type)
    form = _Form(part)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), form.callbacks)
        with body.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.write(chunk)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise MalformedForm(
            "It cannot be parsed.", fix="Send it as curl -F file=@orders.csv does."
        ) from error
    finally:
        form.file.close()
    if form.kind is None or not form.is_whole:
        raise MalformedForm(
            "It has no whole field named file.", fix="Send it as curl -F file=@orders.csv does."
        )
    return form.kind


class _Form:
    """Keeps the first field named ``file``."""

    def __init__(self, part: Path) -> None:
        self.file = part.open("xb")
        self.kind: str | None = None
        self.is_whole = False
        self._inside = False
        self._field = self._value = b""
        self._headers: dict[str, bytes] = {}
        self.callbacks: Any = {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_bytes,
            "on_part_end": self._on_end,
        }

    def _on_field(self, chunk: bytes, start: int, end: int) -> None:
        self._field += chunk[start:end]

    def _on_value(self, chunk: bytes, start: int, end: int) -> None:
        self._value += chunk[start:end]

    def _on_header(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = self._value
        self._field = self._value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        if options.get(b"name") == b"file" and self.kind is None:
            kind = self._headers.get("content-type", b"").decode("latin-1")
            self.kind, self._inside = kind.partition(";")[0].strip().lower(), True

    def _on_bytes(self, chunk: bytes, start: int, end: int) -> None:
        if self._inside:
            self.file.write(chunk[start:end])

    def _on_end(self) -> None:
        self.is_whole = self.is_whole or self._inside
        self._inside = False
