"""What the pages of the documentation show: one dataclass per template."""

from dataclasses import dataclass

from markupsafe import Markup

from interfaces.presentation.problem_types import ProblemType


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    text: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class FieldRow:
    name: str
    type: str
    required: bool
    description: str
    place: str = ""  # of a parameter: path, query, header


@dataclass(frozen=True, slots=True)
class Body:
    """Of a request or an answer."""

    media_types: str
    rows: tuple[FieldRow, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: str
    headers: str
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class ErrorRow:
    status: str
    problems: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    parameters: tuple[FieldRow, ...]
    bodies: tuple[Body, ...]
    curl: str
    answers: tuple[Answer, ...]
    errors: tuple[ErrorRow, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Operations of one tag."""

    tag: str
    about: str
    operations: tuple[Operation, ...]

    @property
    def href(self) -> str:
        return f"/docs/reference/{self.tag}"


@dataclass(frozen=True, slots=True)
class ContentsPage:
    server: str
    guides: tuple[Link, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class ReferencePage:
    section: Section


@dataclass(frozen=True, slots=True)
class GuidePage:
    content: Markup


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    problems: tuple[ProblemType, ...]


@dataclass(frozen=True, slots=True)
class ProblemPage:
    problem: ProblemType
