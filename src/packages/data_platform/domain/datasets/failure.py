from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from core.domain.errors import DomainError, RowProblem, code_of


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFailure:
    """Why a version cannot be read; ``problems`` are the first rows that are wrong, where it is about rows."""

    code: str
    title: str
    detail: str
    fix: str
    problems: tuple[RowProblem, ...] = ()

    @classmethod
    def of(cls, error: DomainError) -> Self:
        return cls(
            code=code_of(type(error)),
            title=error.title,
            detail=error.detail,
            fix=error.fix,
            problems=error.problems,
        )

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Self:
        """From ``values()``."""
        problems = tuple(RowProblem(**each) for each in values.get("problems", ()))
        return cls(**{**values, "problems": problems})

    def values(self) -> dict[str, Any]:
        """In JSON."""
        return asdict(self)
