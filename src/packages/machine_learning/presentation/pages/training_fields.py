"""The controls of the form that trains a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anomaly_detection.api import Algorithm, Parameter
from core.presentation.forms import number_text
from core.presentation.parts import Field, Option
from machine_learning.api import ModelRegistry, VersionView

PARAMETER = "parameter-"  # before the names of their controls


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be trained, by the address or by the form."""

    dataset: str
    columns: Sequence[str]
    algorithm: Algorithm
    name: str
    contamination: str = ""
    label: str = ""
    seed: str = "0"
    parameters: Mapping[str, str]


def algorithm_field(registry: ModelRegistry, chosen: str) -> Field:
    entries = [each for each in registry.catalogue.algorithms() if each.saves]
    entries.sort(key=lambda each: each.name != "auto")
    return Field(
        name="algorithm",
        label="Algorithm",
        kind="radio",
        hint="Automatic is a good start for most tables; the others are there to compare with.",
        options=tuple(Option(each.name, each.title, each.name == chosen, each.summary) for each in entries),
    )


def limits(entry: Algorithm) -> str:
    return f"Learns from at most {entry.cost.max_fit_rows:,} rows."


def training_fields(asked: Asked) -> tuple[Field, ...]:
    options = [Option("", "as the dataset says", not asked.label)]
    options += [Option(name, name, name == asked.label) for name in asked.columns]
    return (
        Field(
            name="name",
            label="Name of the model",
            value=asked.name,
            required=True,
            hint="A model of that name gets a further version.",
        ),
        Field(
            name="contamination",
            label="Share of rows to flag, in %",
            value=asked.contamination,
            hint="Empty: found from the scores.",
        ),
        Field(
            name="label",
            label="Label column",
            kind="select",
            options=tuple(options),
            hint="Says which rows are anomalies. It is never learned from; it only measures the model.",
        ),
        Field(
            name="seed",
            label="Seed",
            kind="number",
            value=asked.seed,
            lowest="0",
            highest=str(2**32 - 1),
            hint="The same rows, settings and seed give the same model.",
        ),
    )


def parameter_field(parameter: Parameter, given: str | None) -> Field:
    """Empty takes the default."""
    default, name = parameter.default, PARAMETER + parameter.name
    hint = f"{parameter.doc} Default: {'chosen from the data' if default is None else default}."
    choices = parameter.choices or (("true", "false") if isinstance(default, bool) else ())
    if choices:
        options = (Option("", "default", not given), *(Option(each, each, each == given) for each in choices))
        return Field(name=name, label=parameter.name, kind="select", hint=hint, options=options)
    if isinstance(default, str):
        return Field(name=name, label=parameter.name, value=given or "", hint=hint)
    whole = parameter.whole or isinstance(default, int)
    return Field(
        name=name,
        label=parameter.name,
        kind="number",
        value=given or "",
        hint=hint,
        lowest=number_text(parameter.low),
        highest=number_text(parameter.high),
        step="1" if whole else "any",
    )


def parameters_of(version: VersionView | None, entry: Algorithm) -> dict[str, str]:
    """Those that the version was trained with and that are not the default anyway."""
    if version is None or version.algorithm != entry.name:
        return {}
    given: Mapping[str, Any] = version.summary.get("parameters", {})
    return {
        each.name: _text(given[each.name])
        for each in entry.parameters
        if given.get(each.name) is not None and given[each.name] != each.default
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
