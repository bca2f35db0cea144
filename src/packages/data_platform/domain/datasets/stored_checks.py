"""The checks of a version as its stored profile has them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from data_platform.domain.findings import Check, CheckScope, Finding, Result, Weight, quality


def stored_findings(profile: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(
            Check(each["check"]),
            each["column"],
            Result(each["result"]),
            each["rows"],
            Weight(each["weight"]),
            each["sentence"],
        )
        for each in profile["findings"]
    ]


def stored_quality(profile: Mapping[str, Any], off: Collection[CheckScope]) -> int:
    """0 to 100."""
    return quality(
        stored_findings(profile), rows=profile["sampled_rows"], columns=len(profile["columns"]), off=off
    )


def scopes(stored: Iterable[Mapping[str, Any]]) -> frozenset[CheckScope]:
    """What is switched off, of how a dataset stores it."""
    return frozenset(map(CheckScope.of, stored))


def with_since(
    profile: Mapping[str, Any], before: Mapping[str, Any] | None, *, version: int, at: str
) -> dict[str, Any]:
    """The profile whose failures say since when: the version that was the first, ``before`` being the last profile."""
    known = {(each["check"], each["column"]): each["since"] for each in (before or {}).get("findings", ())}
    first = {"version": version, "at": at}
    findings = [
        each
        | {
            "since": (known.get((each["check"], each["column"])) or first)
            if each["result"] == Result.FAILED
            else None
        }
        for each in profile["findings"]
    ]
    return {**profile, "findings": findings}
