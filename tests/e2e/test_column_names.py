"""Columns may be called as things are called that are computed with them."""

import random

import pytest

from tests.support.command_line import CommandLine

WORDS = (
    "count", "len", "index", "row", "rows", "value", "literal", "flagged", "all", "hashes", "found", "anomalies",
    "score", "severity", "is_anomaly", "reason", "contributions", "tail_probability", "name", "time", "key",
)  # fmt: skip


@pytest.mark.parametrize("is_text", [True, False], ids=["as text first", "as numbers first"])
def test_any_word_can_be_a_column(cli: CommandLine, is_text: bool) -> None:
    chance = random.Random(0)
    rows = [
        [
            chance.choice("abc") if (place % 2 == 0) is is_text else f"{chance.gauss():.3f}"
            for place in range(len(WORDS))
        ]
        for _ in range(100)
    ]
    table = [",".join(WORDS), *map(",".join, rows)]
    (cli.folder / "words.csv").write_text("\n".join(table) + "\n")

    assert [cli("detect", "--input", "words.csv").code, cli("dataset", "profile", "words.csv").code] == [0, 0]
    assert cli("train", "--data", "words.csv", "--model", "words.model").code == 0
    assert cli("detect", "--input", "words.csv", "--model", "words.model").code == 0
    assert cli("explain", "--input", "words.csv", "--model", "words.model", "--row", "3").code == 0


def test_a_label_may_be_called_count(cli: CommandLine) -> None:
    chance = random.Random(0)
    table = [
        "a,kind,count",
        *(f"{chance.gauss():.3f},{chance.choice('uv')},{int(n % 20 == 0)}" for n in range(100)),
    ]
    (cli.folder / "labelled.csv").write_text("\n".join(table) + "\n")
    assert cli("train", "--data", "labelled.csv", "--label", "count", "--model", "m.model").code == 0
    assert cli("evaluate", "--test", "labelled.csv", "--label", "count", "--model", "m.model").code == 0
