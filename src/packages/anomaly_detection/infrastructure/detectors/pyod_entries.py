"""Catalogue entries for PyOD's classes, read from its source: importing a class costs seconds, reading one nothing."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from anomaly_detection.domain.algorithm import Algorithm, Explains, Parameter, ParameterValue, Scaling
from anomaly_detection.domain.detector import UnknownAlgorithm
from anomaly_detection.infrastructure.detectors.offer import Offer
from anomaly_detection.infrastructure.detectors.pyod_classes import OFFERED, REFUSED, THRESHOLD, PyodClass
from core.domain.suggestion import did_you_mean

PREFIX = "pyod:"
TARGET = "anomaly_detection.infrastructure.detectors.pyod_detector:PyodDetector"
# Ours to decide: the threshold, the seed, threads, output on the console, search structures that cannot be stored.
NOT_OFFERED = {
    "algorithm", "behaviour", "check_detector", "check_estimator", "compile_mode", "contamination", "copy",
    "copy_X", "device", "leaf_size", "n_jobs", "novelty", "parallel_execution", "random_state", "use_compile",
    "verbose", "warm_start",
}  # fmt: skip
ENTRY = re.compile(r"^(\w+) *: *(.*)$")
LONGEST_DOC = 240


def pyod_offer(class_name: str) -> Offer:
    """What is offered as ``pyod:ClassName``; capitals do not matter. Raises UnknownAlgorithm, with the reason where
    the class exists and is not for tables."""
    by_folded = {name.casefold(): name for name in (*OFFERED, *REFUSED)}
    name = by_folded.get(class_name.strip().casefold(), class_name)
    if name in OFFERED:
        return offer_of(name)
    if name in REFUSED:
        raise UnknownAlgorithm(f"pyod:{name} is not offered: {REFUSED[name]}", fix=offered_words())
    if name.casefold() in thresholds():
        raise UnknownAlgorithm(f"pyod:{name} is not offered: {THRESHOLD}", fix=offered_words())
    raise UnknownAlgorithm(f"PyOD has no class {class_name!r}.", fix=did_you_mean(class_name, OFFERED))


def pyod_names() -> tuple[str, ...]:
    """``pyod:ClassName`` of every class that is offered, in alphabetical order."""
    return tuple(PREFIX + name for name in sorted(OFFERED, key=str.casefold))


def offered_words() -> str:
    return "Offered: " + ", ".join(sorted(OFFERED, key=str.casefold)) + "."


@cache
def offer_of(name: str) -> Offer:
    found = OFFERED[name]
    parameters, accepted = parameters_of(found)
    entry = Algorithm(
        name=PREFIX + name,
        title=f"{found.title} (PyOD)",
        family=found.family,
        summary=f"PyOD's {name}, with its defaults. {found.remark}".strip(),
        paper=found.paper,
        parameters=parameters,
        explains=Explains.ABLATION,
        cost=found.cost,
        scaling=Scaling.STANDARD,
        batch_independent=found.batch_independent,
        saves=found.saves,
        extra="deep" if found.deep else None,
        planted_first=found.planted_first,
    )
    return Offer(entry, TARGET, fixed={"class_name": name, "accepted": accepted})


def parameters_of(found: PyodClass) -> tuple[tuple[Parameter, ...], frozenset[str]]:
    """The numbers, words and switches among the arguments of the class, and the names of all its arguments."""
    body = class_body(found.module, found.name)
    init = next(n for n in body.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    documented = dict(documented_parameters(ast.get_docstring(body) or ""))
    names = [argument.arg for argument in init.args.args[1:]]
    defaults = [None] * (len(names) - len(init.args.defaults)) + list(init.args.defaults)
    offered = []
    for name, default in zip(names, defaults, strict=True):
        kind, doc = documented.get(name, ("", ""))
        value = literal(default)
        if name in NOT_OFFERED or default is None or not can_be_offered(value, kind):
            continue
        offered.append(parameter(name, value, kind=kind, doc=doc or "As in PyOD."))
    return tuple(offered), frozenset(names)


def parameter(name: str, value: ParameterValue, *, kind: str, doc: str) -> Parameter:
    if isinstance(value, int) and not isinstance(value, bool):
        if kind.startswith("float") and "int" not in kind:
            return Parameter(name, float(value), doc)
        return Parameter(name, value, doc, low=1 if value > 0 else None)
    return Parameter(name, value, doc, whole=value is None and kind.startswith("int"))


def can_be_offered(value: object, kind: str) -> bool:
    """Lists and objects cannot be given on a command line; None is offered where it stands for a number."""
    if value is None:
        return re.match(r"(int|float)\b", kind) is not None
    return isinstance(value, bool | int | float | str)


def literal(node: ast.expr | None) -> ParameterValue:
    """The value of a literal; for others a tuple, which is not offered."""
    try:
        value: ParameterValue = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return ()  # type: ignore[return-value]  # told apart from None by can_be_offered
    return value


def documented_parameters(docstring: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """(name, (type, first sentence)) of each entry of a numpydoc "Parameters" section."""
    section = re.search(r"Parameters\n-+\n(.*?)(?=\n\w+\n---|\Z)", docstring, re.DOTALL)
    for block in re.split(r"\n(?=\w+ *:)", section.group(1) if section else ""):
        first, _, rest = block.strip().partition("\n")
        match = ENTRY.match(first)
        if match:
            text = " ".join(rest.split())
            sentence = re.split(r"(?<=[a-z)])\. ", text)[0].rstrip(".")
            yield match.group(1), (match.group(2), f"{sentence[:LONGEST_DOC]}." if sentence else "")


def class_body(module: str, name: str) -> ast.ClassDef:
    tree = ast.parse(source_of(module))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


def source_of(module: str) -> str:
    return (models_folder() / f"{module}.py").read_text(encoding="utf-8")


@cache
def thresholds() -> frozenset[str]:
    """Names of PyOD's thresholding functions, in lower case."""
    tree = ast.parse(source_of("thresholds"))
    return frozenset(
        node.name.casefold() for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )


def models_folder() -> Path:
    spec = find_spec("pyod")
    if spec is None or not spec.submodule_search_locations:
        raise UnknownAlgorithm("PyOD is not installed.", fix="Install it: pip install pyod")
    return Path(spec.submodule_search_locations[0]) / "models"
