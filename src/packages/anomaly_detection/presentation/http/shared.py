"""What the context's routes share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Path

from anomaly_detection.domain.detector import InvalidParameter, UnknownAlgorithm
from anomaly_detection.domain.threshold import InvalidContamination

BASE = "/api/v1"
DEFAULT = "default"  # in place of a source: all that have no model of their own
DetectorPath = Annotated[
    str, Path(description="Id or slug of the detector.", examples=["large-orders"], max_length=100)
]


@contextmanager
def pointing() -> Iterator[None]:
    """What is wrong with a configuration in a body is pointed at."""
    try:
        yield
    except UnknownAlgorithm as error:
        error.facts["pointer"] = "#/algorithm"
        raise
    except InvalidContamination as error:
        error.facts["pointer"] = "#/contamination"
        raise
    except InvalidParameter as error:
        name = str(error.facts.get("parameter", ""))
        error.facts["pointer"] = f"#/params/{pointer_step(name)}"
        raise


def pointer_step(name: str) -> str:
    """RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")
