"""What somebody has chosen for a detector so far; all of it is in the address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from anomaly_detection.api import DetectorConfiguration, restored_configuration
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.domain.threshold import InvalidContamination
from core.presentation.forms import number_text

PARAMETER = "p."  # before a parameter's name
OWN_SHARE = "own"
SHARES = ("0.1", "0.5", "1", "5")  # per cent, that are offered


class Step(StrEnum):
    DATA = "data"
    METHOD = "method"
    SENSITIVITY = "sensitivity"
    NAME = "name"


OWN_FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.DATA: ("dataset", "column"),  # columns are a dataset's
    Step.METHOD: ("algorithm", "of", "column"),
    Step.SENSITIVITY: ("cut", "share"),
    Step.NAME: ("name", "description"),
}
PASSING = ("step", "preview", "csrf", "then")  # say what to do now


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``base`` is the detector that is edited or copied: what the address does not say is as there. ``of`` is the algorithm
    whose parameters were sent: another one's say nothing. ``usual`` are the columns used without a choice."""

    sent: Mapping[str, Sequence[str]]
    base: DetectorView | None = None
    base_dataset: str = ""
    usual: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        return next(reversed(self.sent.get(name, ())), "").strip()

    @property
    def is_edit(self) -> bool:
        return bool(self.text("edit"))

    @property
    def stored(self) -> DetectorConfiguration:
        return restored_configuration(self.base.configuration) if self.base else DetectorConfiguration()

    @property
    def dataset(self) -> str:
        return self.text("dataset") or self.base_dataset

    @property
    def algorithm(self) -> str:
        return self.text("algorithm") or self.stored.algorithm

    @property
    def parameters(self) -> dict[str, object]:
        """As they were sent, empty ones left out."""
        stored = self.stored
        if self.text("of") != self.algorithm:
            return dict(stored.parameters) if stored.algorithm == self.algorithm else {}
        names = [name for name in self.sent if name.startswith(PARAMETER)]
        return {name.removeprefix(PARAMETER): text for name in names if (text := self.text(name))}

    @property
    def features(self) -> tuple[str, ...] | None:
        """None: chosen by what the columns hold."""
        if "of" not in self.sent and "column" not in self.sent:
            return self.stored.columns.features
        chosen = tuple(dict.fromkeys(each for each in self.sent.get("column", ()) if each))
        return chosen if chosen and set(chosen) != self.usual else None

    @property
    def cut(self) -> str:
        """Empty: found from the scores; one of ``SHARES``; or ``own``."""
        if "cut" in self.sent:
            return self.text("cut")
        stored = self.stored.contamination
        if stored is None:
            return ""
        percent = number_text(stored * 100)
        return percent if percent in SHARES else OWN_SHARE

    @property
    def share(self) -> str:
        """Per cent, where ``cut`` is ``own``."""
        if "share" in self.sent:
            return self.text("share")
        stored = self.stored.contamination
        return "" if stored is None or self.cut != OWN_SHARE else number_text(stored * 100)

    @property
    def name(self) -> str:
        if "name" in self.sent or self.base is None:
            return self.text("name")
        return self.base.name if self.is_edit else f"Copy of {self.base.name}"

    @property
    def description(self) -> str:
        if "description" in self.sent or self.base is None:
            return self.text("description")
        return self.base.description

    def configuration(self) -> DetectorConfiguration:
        """Raises InvalidContamination."""
        stored = self.stored
        return replace(
            stored,
            algorithm=self.algorithm,
            parameters=self.parameters,
            columns=replace(stored.columns, features=self.features),
            contamination=contamination_of(self.cut, self.share),
        )

    def carried(self, step: Step) -> Iterator[tuple[str, str]]:
        """What the form of a step takes along beside its own fields."""
        left_out = {*OWN_FIELDS[step], *PASSING}
        for name, values in self.sent.items():
            if name in left_out or (step is Step.METHOD and name.startswith(PARAMETER)):
                continue
            yield from ((name, value) for value in values)


def contamination_of(cut: str, share: str) -> float | None:
    """Raises InvalidContamination."""
    text = share if cut == OWN_SHARE else cut
    if not text and cut != OWN_SHARE:
        return None
    try:
        percent = float(text.replace(",", "."))
    except ValueError:
        percent = float("nan")
    if not isfinite(percent) or not 0 < percent <= 50:
        raise InvalidContamination(
            f"The share is {text[:40]!r}.", fix="Give a number of per cent above 0 and up to 50, such as 0.5."
        )
    return percent / 100
