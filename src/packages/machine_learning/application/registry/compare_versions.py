"""Versions of a model side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.errors import Invalid
from machine_learning.application.registry.ports import VersionView

MOST_COMPARED = 5


class NothingToCompare(Invalid):
    title = "A comparison needs two to five versions"


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One value per version, in the order they were asked for; None where a version has none."""

    group: str  # training, parameters, metrics
    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


def compared(versions: Sequence[VersionView]) -> tuple[ComparedFact, ...]:
    """What differs first. Raises NothingToCompare."""
    if not 2 <= len(versions) <= MOST_COMPARED:
        raise NothingToCompare(f"{len(versions)} given.", fix="Name them: ?v=3,4")
    facts = [dict(_facts(version)) for version in versions]
    names = dict.fromkeys(key for each in facts for key in each)
    rows = [ComparedFact(*key, tuple(each.get(key) for each in facts)) for key in names]
    return tuple(sorted(rows, key=lambda fact: not fact.differs))


def _facts(version: VersionView) -> Iterator[tuple[tuple[str, str], Any]]:
    summary = dict(version.summary)
    parameters: Mapping[str, Any] = summary.pop("parameters", {})
    if version.alert_rate != version.trained_alert_rate:
        moved = {"alert_rate": version.alert_rate, "threshold": None, "threshold_choice": "moved"}
        summary |= moved
    for name, value in summary.items():
        yield ("training", name), value
    yield ("training", "dataset"), version.dataset
    yield ("training", "code_version"), version.code_version
    for name, value in parameters.items():
        yield ("parameters", name), value
    for name, value in (version.metrics or {}).items():
        yield ("metrics", name), value
