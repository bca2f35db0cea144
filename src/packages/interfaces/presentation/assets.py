"""Style sheets and pictures: served under a name that changes with their content, so browsers keep them for good."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).with_name("static")
ALONE = "svg { font: 12px system-ui, sans-serif; } .paper { fill: var(--bg); } .chart .title { fill: var(--text); }"
FOR_GOOD = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = FOR_GOOD if scope["query_string"] else "no-cache"
        return answer


@cache
def drawing_style() -> str:
    """What a drawing needs that stands alone: the light colours, and the rules of charts, which are one line each."""
    sheet = (FOLDER / "app.css").read_text(encoding="utf-8")
    tokens = sheet[sheet.index(":root {") : sheet.index("}", sheet.index(":root {")) + 1]
    rules = [line.strip() for line in sheet.splitlines() if line.startswith("  .chart ") and "{" in line]
    return "\n".join([tokens, *rules, ALONE])


@cache
def asset(name: str) -> str:
    """The path of a file of ours, for a page to name."""
    return f"/static/{name}?v={sha256((FOLDER / name).read_bytes()).hexdigest()[:12]}"
