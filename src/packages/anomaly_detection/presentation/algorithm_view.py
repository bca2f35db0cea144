"""Catalogue entries as rows and as text."""

from typing import Any

from anomaly_detection.api import Algorithm, Parameter


def row(algorithm: Algorithm) -> dict[str, Any]:
    """The columns of the printed list."""
    return {
        "name": algorithm.name,
        "family": algorithm.family,
        "explains": algorithm.explains.value,
        "cost": algorithm.cost.value,
        "summary": algorithm.summary,
    }


def full_row(algorithm: Algorithm) -> dict[str, Any]:
    """Everything an entry states."""
    return {
        "name": algorithm.name,
        "title": algorithm.title,
        "family": algorithm.family,
        "summary": algorithm.summary,
        "aliases": list(algorithm.aliases),
        "explains": algorithm.explains.value,
        "cost": algorithm.cost.value,
        "max_fit_rows": algorithm.cost.max_fit_rows,
        "scaling": algorithm.scaling.value,
        "batch_independent": algorithm.batch_independent,
        "streams": algorithm.streams,
        "saves": algorithm.saves,
        "extra": algorithm.extra,
        "paper": algorithm.paper,
        "parameters": [parameter_row(p) for p in algorithm.parameters],
    }


def parameter_row(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type_name,
        "default": parameter.default,
        "range": parameter.range,
        "doc": parameter.doc,
    }


def text(algorithm: Algorithm) -> str:
    """The entry for a reader."""
    saves = "can be saved" if algorithm.saves else "cannot be saved without pickle"
    alone = "" if algorithm.batch_independent else "; a row's score depends on its batch"
    lines = [
        f"{algorithm.name} - {algorithm.title} ({algorithm.family})",
        "",
        algorithm.summary,
        "",
        f"Explanation: {algorithm.explains.value}. Cost: {algorithm.cost.value}, fitted on at most "
        f"{algorithm.cost.max_fit_rows:,} rows. Features: {algorithm.scaling.value} scaling. It {saves}{alone}.",
    ]
    if algorithm.aliases:
        lines.append(f"Also called: {', '.join(algorithm.aliases)}.")
    if algorithm.extra:
        lines.append(f"Needs: pip install 'anomaly_detection[{algorithm.extra}]'.")
    lines += ["", "Parameters (--param NAME=VALUE):" if algorithm.parameters else "It takes no parameters."]
    for parameter in algorithm.parameters:
        lines.append(f"  {parameter.name} = {parameter.default}   {parameter.type_name}, {parameter.range}")
        lines.append(f"      {parameter.doc}")
    return "\n".join([*lines, "", f"Paper: {algorithm.paper}"])
