"""A body of another media type than its route reads is not guessed at."""

from fastapi import Request, params
from fastapi._compat import ModelField

from core.domain.errors import UnsupportedForm

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def check_media_type(request: Request, body: ModelField) -> None:
    """Raises UnsupportedForm."""
    headers = request.headers
    if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
        return
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if isinstance(body.field_info, params.Form):
        is_read, wanted = given in {FORM, "multipart/form-data"}, FORM
    else:
        is_read, wanted = (
            given == JSON or (given.startswith("application/") and given.endswith("+json")),
            JSON,
        )
    if not is_read:
        raise UnsupportedForm(
            f"Content-Type {given[:80]!r} is not read here.", fix=f"Send Content-Type: {wanted}."
        )
