"""Pages from templates."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import BaseLoader, Environment, StrictUndefined

# Nothing from elsewhere, nothing inline, no script at all: pages that need one say so themselves.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Templates:
    """Undefined names are errors, everything is escaped."""

    environment: Environment

    @classmethod
    def of(cls, loader: BaseLoader, shared: Mapping[str, Any]) -> "Templates":
        environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.globals.update(shared)
        return cls(environment)

    def page(self, name: str, context: Any, *, status: int = 200, cache: str = "no-store") -> HTMLResponse:
        """A whole page; ``context`` is the template's dataclass, ``cache`` the Cache-Control header."""
        text = self.environment.get_template(name).render(_values(context))
        headers = {"Cache-Control": cache, "Content-Security-Policy": POLICY}
        return HTMLResponse(text, status_code=status, headers=headers)


def _values(context: Any) -> dict[str, Any]:
    """Shallow: templates take the nested dataclasses as they are."""
    return {field.name: getattr(context, field.name) for field in fields(context)}
