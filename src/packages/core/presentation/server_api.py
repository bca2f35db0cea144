"""The REST API of a running service, as a command with ``--server`` uses it."""

import hashlib
import ipaddress
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from core.domain.errors import Invalid, InvalidOption, Unauthenticated, Unavailable
from core.domain.slugs import slug_text
from core.presentation.cli import Invocation
from core.presentation.server_errors import ServerUnreachable, refusal

BASE = "/api/v1"
PARQUET = "application/vnd.apache.parquet"
OVER = frozenset({"succeeded", "failed", "cancelled", "ready"})
MOST_NAME = 40  # characters of a dataset's address that its file's name gives
LOOK_EVERY_S = (0.1, 0.2, 0.5, 1.0, 2.0)  # the last one from then on
AWAY_S = 60.0  # work goes on in a server that cannot be asked; for so long it is asked again


class InvalidServer(InvalidOption):
    title = "That is no address of a server"


class NoToken(Unauthenticated):
    title = "The server wants to know who is asking"


class WorkFailed(Invalid):
    title = "The server could not do it"


class WorkCancelled(Unavailable):
    title = "Somebody cancelled it"


@contextmanager
def server_at(run: Invocation, url: str) -> Iterator["ServerApi"]:
    """Raises InvalidServer and NoToken; nothing is asked yet."""
    base = _address(run, url)
    headers = {"Authorization": f"Bearer {_token(run)}", "User-Agent": "anomaly_detection-cli"}
    timeout = httpx.Timeout(run.setting("client.timeout_s"), connect=10)
    with httpx.Client(base_url=f"{base}{BASE}", headers=headers, timeout=timeout) as client:
        yield ServerApi(run, client)


class ServerApi:
    """Paths are those below ``/api/v1``. All raise ServerUnreachable, and what ``refusal`` makes of an answer."""

    def __init__(self, run: Invocation, client: httpx.Client) -> None:
        self._run, self._client = run, client

    def get(self, path: str, **parameters: str | int) -> Any:
        return self._asked("GET", path, params=parameters).json()

    def post(self, path: str, **more: Any) -> Any:
        """``more`` as httpx takes it: json, or content with headers."""
        return self._asked("POST", path, **more).json()

    def download(self, path: str, **parameters: str) -> Iterator[bytes]:
        """The body in pieces."""
        with self._translated(), self._client.stream("GET", path, params=parameters) as answer:
            if not answer.is_success:
                answer.read()
                raise refusal(answer)
            yield from answer.iter_bytes()

    def finished(self, path: str, label: str) -> Mapping[str, Any]:
        """What is at ``path`` once its state is a last one. Raises WorkFailed, WorkCancelled."""
        with self._run.console.progress(label):
            found = self._over(path)
        if found["state"] == "failed":
            error = found.get("error") or {}
            raise WorkFailed(str(error.get("detail", "It does not say why.")), fix=str(error.get("fix", "")))
        if found["state"] == "cancelled":
            raise WorkCancelled("It was cancelled on the server.", fix="Start it again.")
        return found

    def stored(self, file: Path, name: str) -> str:
        """The address of a dataset with the rows of a Parquet file. The same rows of the same name are stored once."""
        stem = slug_text(Path(name).name.partition(".")[0])[:MOST_NAME].strip("-") or "rows"
        with file.open("rb") as content:
            slug = f"{stem}-{hashlib.file_digest(content, 'sha256').hexdigest()[:12]}"
        path = f"/datasets/{slug}/versions/1"
        with self._run.console.progress("Uploading"), file.open("rb") as content:
            answer = self._sent(
                "POST",
                "/datasets/uploads",
                params={"name": slug, "slug": slug},
                content=content,
                headers={"Content-Type": PARQUET},
            )
        if answer.status_code != httpx.codes.CONFLICT and not answer.is_success:
            raise refusal(answer)
        self.finished(path, "Reading")
        return slug

    def _over(self, path: str) -> Mapping[str, Any]:
        pauses = iter(LOOK_EVERY_S)
        heard_at, pause = time.monotonic(), 0.0
        while True:
            try:
                found: Mapping[str, Any] = self.get(path)
                heard_at = time.monotonic()
                if found["state"] in OVER:
                    return found
            except Unavailable:
                if time.monotonic() - heard_at > AWAY_S:
                    raise
            pause = next(pauses, pause)
            time.sleep(pause)

    def _asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._sent(method, path, **more)
        if not answer.is_success:
            raise refusal(answer)
        if "json" not in answer.headers.get("content-type", ""):
            raise ServerUnreachable(
                "What answers there is no anomaly_detection server.", fix="Look at --server."
            )
        return answer

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        with self._translated():
            return self._client.request(method, path, **more)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ServerUnreachable(
                f"{self._where} does not answer in time.", fix="Try again, or raise client.timeout_s."
            ) from error
        except httpx.TransportError as error:
            raise ServerUnreachable(
                f"No connection to {self._where}: {error}.",
                fix="Look at --server, and whether the server runs.",
            ) from error

    @property
    def _where(self) -> str:
        return self._client.base_url.netloc.decode()


def _address(run: Invocation, url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo or parsed.query:
        raise InvalidServer(
            "--server is no address of a server, or has more than that.",
            fix="Write it as https://anom.example:8000.",
        )
    if parsed.scheme == "http" and not _is_loopback(parsed.host):
        run.console.warning("The token goes over the network unencrypted: use https.")
    return url.rstrip("/").removesuffix(BASE)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(run: Invocation) -> str:
    """Never an option: other users of the machine see those."""
    token, file = run.setting("client.token"), run.setting("client.token_file")
    if not token and file is not None:
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NoToken(
                f"The token's file {file} cannot be read.", fix="Look at client.token_file."
            ) from error
    if not token or not token.isascii() or not token.isprintable():
        raise NoToken(
            "There is no token for the server." if not token else "The token has characters that none has.",
            fix="Set ANOMALY_DETECTION_TOKEN or ANOMALY_DETECTION_TOKEN_FILE; `anomaly_detection key create` makes one.",
        )
    return cast(str, token)
