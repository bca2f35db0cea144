"""Names, references and facts of the registry."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly_detection.api import (
    DetectorConfiguration,
    configuration_values,
    restored_configuration,
)
from core.domain.public_ids import shown
from data_platform.api import ColumnChoices, MissingPolicy
from machine_learning.application.registry.compare_versions import NothingToCompare, compared
from machine_learning.application.registry.ports import VersionView
from machine_learning.domain.registry.ids import ModelId, ModelVersionId, TrainingRunId
from machine_learning.domain.registry.model import InvalidModelName, slug_of
from machine_learning.domain.registry.reference import ModelReference

ID = UUID("0197f4d2-6c00-7000-8000-0000000000a7")
VIEW = VersionView(
    id=ModelVersionId(ID),
    model_id=ModelId(ID),
    model="pumps",
    number=1,
    state="ready",
    aliases=(),
    algorithm="hbos",
    summary={"rows": 200, "alert_rate": 0.05, "parameters": {"n_bins": 10}},
    decisions=(),
    metrics=None,
    alert_rate=0.05,
    previous_alert_rate=None,
    training_run_id=TrainingRunId(ID),
    dataset="pumps",
    dataset_version_id=None,
    code_version="1",
    sha256="",
    size=0,
    user_id=None,
    key_id=None,
    created_at=datetime(2026, 7, 1, tzinfo=UTC),
    version=1,
)


@pytest.mark.parametrize(
    ("text", "model", "number", "alias"),
    [
        ("pumps", "pumps", None, None),
        ("pumps:3", "pumps", 3, None),
        ("pumps@champion", "pumps", None, "champion"),
        (shown("mdl", ID), ID, None, None),
        (shown("mdl", ID).lower() + ":12", ID, 12, None),
        ("pumps:0", "", None, None),
        ("pumps:x", "", None, None),
        ("Pumps", "", None, None),
        ("../x", "", None, None),
        ("pumps\x00", "", None, None),
    ],
)
def test_a_reference_says_what_it_means(
    text: str, model: object, number: int | None, alias: str | None
) -> None:
    found = ModelReference.of(text)
    assert (found.model, found.number, found.alias) == (model, number, alias)


def test_the_id_of_a_version_needs_no_model() -> None:
    assert ModelReference.of(shown("mv", ID)).version_id == ID


@given(st.text(max_size=150))
def test_any_text_is_a_slug_of_its_kind_or_refused(text: str) -> None:
    try:
        slug = slug_of(text)
    except InvalidModelName:
        return
    assert ModelReference.of(slug).model == slug == slug_of(slug)


def test_a_configuration_comes_back_from_json_values_as_it_was() -> None:
    columns = ColumnChoices(features=("a", "b"), label="y", missing=MissingPolicy.ZERO)
    asked = DetectorConfiguration(
        algorithm="hbos", parameters={"n_bins": 5}, contamination=0.1, columns=columns
    )
    assert restored_configuration(configuration_values(asked)) == asked


def test_facts_that_differ_come_first_and_missing_ones_are_empty() -> None:
    second = replace(
        VIEW,
        number=2,
        metrics={"auroc": 0.9},
        summary={"rows": 300, "alert_rate": 0.05, "parameters": {"n_bins": 10}},
    )
    facts = {(f.group, f.name): (f.values, f.differs) for f in compared([VIEW, second])}
    assert facts["metrics", "auroc"] == ((None, 0.9), True)
    assert facts["parameters", "n_bins"] == ((10, 10), False)
    order = [differs for _, differs in facts.values()]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("count", [0, 1, 6])
def test_a_comparison_is_of_two_to_five(count: int) -> None:
    with pytest.raises(NothingToCompare):
        compared([VIEW] * count)
