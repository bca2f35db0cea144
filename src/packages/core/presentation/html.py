"""Pages from templates: whole, or the blocks of one that htmx asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import BaseLoader, Environment, StrictUndefined

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
MACROS = "shell/macros.html"


@dataclass(frozen=True, slots=True)
class Templates:
    """Undefined names are errors, everything is escaped. Templates find the shared macros as ``ui``."""

    environment: Environment

    @classmethod
    def of(cls, loader: BaseLoader, shared: Mapping[str, Any]) -> "Templates":
        environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.globals.update(shared)
        environment.globals["ui"] = environment.get_template(MACROS).module
        return cls(environment)

    def page(
        self, name: str, context: Any, *, around: Any, status: int = 200, cache: str = "no-store"
    ) -> HTMLResponse:
        """A whole page; ``context`` is the template's dataclass, ``cache`` the Cache-Control header."""
        values = _values(context) | {"shell": around, "oob": False}
        return _answer(self.environment.get_template(name).render(values), status, cache)

    def fragment(
        self,
        name: str,
        block: str,
        context: Any,
        *,
        around: Any,
        along: Sequence[str] = (),
        status: int = 200,
    ) -> HTMLResponse:
        """One block of the template, ``content`` where it has none of that name, and the blocks ``along`` as htmx's
        swaps out of band: their outermost element says so where ``oob`` is true."""
        template, values = self.environment.get_template(name), _values(context) | {"shell": around}
        first = block if block in template.blocks else "content"
        parts = [(first, False)] + [(each, True) for each in along if first not in ("content", each)]
        text = "".join(
            "".join(template.blocks[part](template.new_context(values | {"oob": oob}))) for part, oob in parts
        )
        return _answer(text, status, "no-store")

    def part(self, macro: str, *given: Any) -> str:
        """What one of the shared macros makes of its inputs."""
        return str(getattr(self.environment.globals["ui"], macro)(*given))


def _values(context: Any) -> dict[str, Any]:
    """Shallow: macros take the nested dataclasses as they are."""
    return {field.name: getattr(context, field.name) for field in fields(context)}


def _answer(text: str, status: int, cache: str) -> HTMLResponse:
    headers = {
        "Cache-Control": cache,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Vary": "HX-Request, HX-History-Restore-Request, Cookie",
    }
    return HTMLResponse(text, status_code=status, headers=headers)
