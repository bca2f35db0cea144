"""A catalogue entry: what an algorithm is, takes and can do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from anomaly_detection.domain.detector import InvalidParameter
from core.domain.suggestion import did_you_mean

ParameterValue = int | float | str | bool | None


class Scaling(StrEnum):
    """How features are brought to one scale before the algorithm sees them."""

    NONE = "none"  # the algorithm does not compare features with each other
    STANDARD = "standard"  # zero mean, unit variance
    ROBUST = "robust"  # median and interquartile range, logarithmic tails (domain/scaling.py)


class Encoding(StrEnum):
    """How text columns become numbers."""

    FREQUENCY = "frequency"  # one column: the rarer the value, the higher
    ONE_HOT = "one_hot"  # one 0/1 column per value


class Explains(StrEnum):
    EXACT = "exact"  # contributions follow from the algorithm
    PATH = "path"  # from the splits on the row's paths
    ABLATION = "ablation"  # from the score with one feature at a time at its typical value


class Cost(StrEnum):
    """Growth of the work of fitting with rows, and the most rows fitted (a seeded sample above that)."""

    LINEAR = "linear"
    LOG_LINEAR = "n log n"
    QUADRATIC = "quadratic"

    @property
    def max_fit_rows(self) -> int:
        return {Cost.LINEAR: 200_000, Cost.LOG_LINEAR: 100_000, Cost.QUADRATIC: 10_000}[self]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting of an algorithm. Numbers lie in [low, high]; text is one of ``choices``, or free without any.

    None as default stands for a number that the algorithm chooses, ``whole`` or not.
    """

    name: str
    default: ParameterValue
    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    whole: bool = False

    @property
    def type_name(self) -> str:
        if self.default is None:
            return "int" if self.whole else "float"
        return "choice" if self.choices else type(self.default).__name__

    @property
    def range(self) -> str:
        """The values it takes, in words."""
        if self.choices:
            return " | ".join(self.choices)
        if isinstance(self.default, bool):
            return "true | false"
        if isinstance(self.default, str) or (self.low is None and self.high is None):
            return "any"
        return f"{'-inf' if self.low is None else f'{self.low:g}'} to {'inf' if self.high is None else f'{self.high:g}'}"

    def checked(self, value: object) -> ParameterValue:
        """The value in its type; text is parsed, as it comes from a command line. Raises InvalidParameter."""
        if isinstance(value, str) and not isinstance(self.default, str):
            value = self._parsed(value)
        if value is None and self.default is None:
            return None
        if self.choices:
            if value not in self.choices:
                raise self._refused(value, "one of " + ", ".join(self.choices))
            return str(value)
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise self._refused(value, "true or false")
            return value
        if isinstance(self.default, str):
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise self._refused(value, "text")
            return str(value)
        return self._number(value)

    def _parsed(self, text: str) -> object:
        if isinstance(self.default, bool):
            return {"true": True, "false": False}.get(text.casefold(), text)
        if self.default is None and text.casefold() == "none":
            return None
        try:
            return int(text)
        except ValueError:
            try:
                return float(text)
            except ValueError:
                return text

    def _number(self, value: object) -> int | float:
        whole = self.whole or isinstance(self.default, int)
        low = "-inf" if self.low is None else f"{self.low:g}"
        high = "inf" if self.high is None else f"{self.high:g}"
        wanted = f"{'a whole number' if whole else 'a number'} in [{low}, {high}]"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refused(value, wanted)
        if whole and isinstance(value, float) and not value.is_integer():
            raise self._refused(value, wanted)
        if (
            not (float("-inf") if self.low is None else self.low)
            <= value
            <= (float("inf") if self.high is None else self.high)
        ):
            raise self._refused(value, wanted)
        return int(value) if whole else float(value)

    def _refused(self, value: object, wanted: str) -> InvalidParameter:
        return InvalidParameter(
            f"Parameter {self.name} is {value!r}.", fix=f"Give {wanted}.", parameter=self.name
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """An algorithm that can be asked for by name."""

    name: str
    title: str
    family: str
    summary: str
    paper: str
    parameters: tuple[Parameter, ...]
    explains: Explains
    cost: Cost
    scaling: Scaling = Scaling.NONE
    encoding: Encoding = Encoding.FREQUENCY
    aliases: tuple[str, ...] = ()
    batch_independent: bool = True  # a row scores the same alone and in any batch
    scores_are_distances: bool = False
    streams: bool = False
    saves: bool = True
    extra: str | None = None  # the optional dependency it needs
    planted_first: float = 0.95  # share of planted single-feature outliers it explains by the right feature

    def with_defaults(self, given: Mapping[str, object]) -> dict[str, ParameterValue]:
        """Every parameter's value: the given one, checked, or the default. Raises InvalidParameter."""
        known = {p.name: p for p in self.parameters}
        for name in given:
            if name not in known:
                fix = did_you_mean(name, known) if known else "It takes none."
                raise InvalidParameter(f"{self.name} has no parameter {name!r}.", fix=fix, parameter=name)
        return {
            name: parameter.checked(given[name]) if name in given else parameter.default
            for name, parameter in known.items()
        }


def parameters(assignments: Iterable[str]) -> dict[str, object]:
    """``["n_estimators=200"]`` as a mapping; the values stay text until the algorithm checks them.

    Raises InvalidParameter.
    """
    found: dict[str, object] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not (name.strip() and equals):
            raise InvalidParameter(
                f"--param is {assignment!r}.", fix="Write NAME=VALUE, as in n_estimators=200."
            )
        if name.strip() in found:
            raise InvalidParameter(f"Parameter {name.strip()} is given twice.", fix="Give it once.")
        found[name.strip()] = value.strip()
    return found
