"""Runs in words that several pages use."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.runs.ports import RunView
from core.domain.public_ids import shown
from core.presentation.parts import Link, State, Text
from core.presentation.visit import Visit

Named = Mapping[UUID, DetectorView]
GONE = "deleted detector"


def run_href(visit: Visit, run: RunView, *steps: str) -> str:
    return visit.url("runs", shown("run", run.id), *steps)


def state_of(run: RunView) -> State:
    return State(str(run.state), str(run.state))


def dataset_of(run: RunView) -> str:
    """``card-payments v3``: the dataset and the number of its version."""
    return f"{run.dataset_slug} v{run.dataset_number}"


def dataset_cell(visit: Visit, run: RunView, *, is_there: bool) -> Link | Text:
    """A deleted dataset's name may be another's by now."""
    words = dataset_of(run)
    return Link(words, visit.url("datasets", run.dataset_slug)) if is_there else Text(f"{words} (deleted)")


def scored_by(run: RunView, named: Named) -> str:
    """The detector, the model, or the algorithm that was fitted on the rows themselves."""
    if run.detector_id is not None:
        detector = named.get(run.detector_id)
        return detector.name if detector else GONE
    return run.model_reference or run.algorithm


def scorer_cell(visit: Visit, run: RunView, named: Named) -> Link | Text:
    words = scored_by(run, named)
    if run.detector_id is not None and words != GONE:
        return Link(words, visit.url("detectors", named[run.detector_id].slug))
    if run.model_reference:
        return Link(words, visit.url("models", run.model_reference.partition(":")[0]))
    return Text(words)


def title_of(run: RunView, named: Named) -> str:
    return f"{scored_by(run, named)} on {dataset_of(run)}"


def seconds_of(run: RunView) -> float | None:
    found: Any = (run.summary or {}).get("seconds")
    return None if found is None else float(found)


def duration_text(seconds: float | None) -> str:
    """``0.4 s``, ``3 min 5 s``."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def count_text(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
