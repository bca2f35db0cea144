"""Kinds of jobs for tests of workers, and what a worker's child process prepares: importable by name from there."""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.domain.errors import Invalid, RowProblem, Unavailable
from core.infrastructure.logging import get_logger


class TooOdd(Invalid):
    title = "It is odd"


class Away(Unavailable):
    title = "It is away"


def note(payload: Mapping[str, Any], text: str) -> None:
    """One line more in the file that the payload names."""
    with Path(payload["file"]).open("a") as file:
        file.write(f"{text}\n")


def add(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
    assert actor.claim is not None
    control.progress(0.5, "half")
    return {"sum": payload["a"] + payload["b"], "attempt": actor.claim.attempt, "pid": os.getpid()}


def odd(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    raise TooOdd("3 is odd.", fix="Take 4.")


def strange(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
    return {"object": object()}


def nul(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    control.progress(0.5, "a\x00b")
    raise TooOdd("a\x00b is odd.", problems=[RowProblem(row=7, column="a\x00b", detail="It is odd.")])


def away(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    raise Away("The other side does not answer.")


def broken(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    raise RuntimeError("secret words")


def crash(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    get_logger("core.tests").warning("about_to_crash", folder="/srv/rows", password="hunter2")
    os.kill(os.getpid(), signal.SIGSEGV)


def sleep(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
    """Notes its process and its attempt at the start, and that it was left at the end."""
    assert actor.claim is not None
    note(payload, f"started {os.getpid()} {actor.claim.attempt}")
    try:
        time.sleep(payload["seconds"])
    finally:
        note(payload, "left")
    return {}


def hoard(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
    control.progress(0.1, "hoarding")
    hoarded = bytearray(payload["mb"] * 2**20)
    hoarded[:: 2**12] = b"x" * len(hoarded[:: 2**12])
    time.sleep(30)


HANDLERS: Mapping[str, JobHandler] = {
    f"test.{handler.__name__}": handler
    for handler in (add, odd, strange, nul, away, broken, crash, sleep, hoard)
}


def prepare() -> Mapping[str, JobHandler]:
    return HANDLERS
