"""What the wizard reads from an address, and how long a preview is waited for."""

import asyncio
from datetime import UTC, datetime
from threading import Event

import pytest

from anomaly_detection.api import DetectorConfiguration, configuration_values
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.scoring.preview_detector import most_sampled
from anomaly_detection.domain.ids import DetectorId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.domain.threshold import InvalidContamination
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from anomaly_detection.presentation.pages.baseline import against
from anomaly_detection.presentation.pages.detectors_words import changes_text, precision_text
from anomaly_detection.presentation.pages.runs_words import duration_text
from anomaly_detection.presentation.pages.wizard_fields import about, parameter_fields
from anomaly_detection.presentation.pages.wizard_preview import PreviewTooSlow, in_time
from anomaly_detection.presentation.pages.wizard_state import Draft, Step, contamination_of
from core.domain.ids import TenantId, new_id
from data_platform.api import ColumnChoices


def stored(**fields: object) -> DetectorView:
    configuration = configuration_values(DetectorConfiguration(**fields))  # type: ignore[arg-type]  # tests choose
    return DetectorView(
        id=DetectorId(new_id()),
        slug="pumps",
        name="Pumps",
        description="",
        configuration=configuration,
        dataset_id=None,
        baseline_run_id=None,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
        created_by=None,
        created_with=None,
        version=1,
    )


def test_parameters_of_another_method_do_not_count() -> None:
    sent = {"algorithm": ["lof"], "of": ["knn"], "p.n_neighbors": ["7"]}
    assert Draft(sent=sent).parameters == {}
    assert Draft(sent=sent | {"of": ["lof"]}).parameters == {"n_neighbors": "7"}


def test_an_empty_parameter_is_left_to_the_method() -> None:
    sent = {"algorithm": ["knn"], "of": ["knn"], "p.n_neighbors": [" "]}
    assert Draft(sent=sent).parameters == {}


def test_without_an_answer_a_detector_is_searched_by_auto() -> None:
    assert Draft(sent={}).configuration() == DetectorConfiguration()


def test_what_is_not_asked_for_again_stays_as_it_was() -> None:
    base = stored(algorithm="knn", parameters={"n_neighbors": 9}, contamination=0.03, seed=4)
    draft = Draft(sent={"edit": ["pumps"]}, base=base)
    assert draft.configuration().parameters == {"n_neighbors": 9}
    assert (draft.cut, draft.share) == ("own", "3")
    assert draft.configuration().contamination == pytest.approx(0.03)
    changed = Draft(sent={"algorithm": ["lof"]}, base=base).configuration()
    assert (changed.algorithm, changed.parameters, changed.seed) == ("lof", {}, 4)


def test_the_usual_columns_are_no_choice() -> None:
    sent, usual = {"of": ["auto"], "column": ["b", "a"]}, frozenset({"a", "b"})
    assert Draft(sent=sent, usual=usual).features is None
    assert Draft(sent=sent, usual=frozenset({"a"})).features == ("b", "a")
    assert Draft(sent={"of": ["auto"]}, base=stored()).features is None


def test_a_step_takes_the_answers_of_the_others_along() -> None:
    sent = {
        "dataset": ["orders"],
        "step": ["method"],
        "algorithm": ["knn"],
        "of": ["knn"],
        "p.method": ["mean"],
    }
    assert list(Draft(sent=sent).carried(Step.METHOD)) == [("dataset", "orders")]
    assert ("p.method", "mean") in list(Draft(sent=sent).carried(Step.NAME))
    assert ("dataset", "orders") not in list(Draft(sent=sent).carried(Step.DATA))


@pytest.mark.parametrize(
    ("cut", "share", "expected"),
    [("", "", None), ("", "7", None), ("0.5", "7", 0.005), ("own", "2,5", 0.025)],
)
def test_a_share_is_given_in_per_cent(cut: str, share: str, expected: float | None) -> None:
    assert contamination_of(cut, share) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("share", ["", "0", "-1", "51", "nan", "inf", "1e400", "many"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(InvalidContamination):
        contamination_of("own", share)


@pytest.mark.parametrize("entry", catalogue.algorithms(), ids=lambda entry: entry.name)
def test_every_method_can_be_offered_with_its_settings(entry: object) -> None:
    found = catalogue.algorithm(entry.name)  # type: ignore[attr-defined]  # ids need an untyped argument
    fields = parameter_fields(Draft(sent={"algorithm": [found.name]}), found)
    assert [field.name for field in fields] == [f"p.{each.name}" for each in found.parameters]
    sent = {
        each.name: field.value for each, field in zip(found.parameters, fields, strict=True) if field.value
    }
    assert found.with_defaults(sent) == found.with_defaults({})
    assert about(found)


def test_costly_methods_are_previewed_on_fewer_rows() -> None:
    assert most_sampled(catalogue.algorithm("auto"), 10) == 10_000
    assert most_sampled(catalogue.algorithm("one_class_svm"), 10) == 2_000
    assert most_sampled(catalogue.algorithm("auto"), 1_000) == 1_000


def test_a_slow_preview_is_given_up_and_keeps_its_turn_until_it_is_done() -> None:
    slots, tenant_id, release = FittingSlots(), TenantId(new_id()), Event()

    async def ask() -> None:
        with pytest.raises(PreviewTooSlow):
            await in_time(slots, tenant_id, lambda: release.wait(10), seconds=0.01)
        assert slots.asked[tenant_id] == 1
        release.set()
        while slots.asked[tenant_id]:
            await asyncio.sleep(0.01)
        assert await in_time(slots, tenant_id, lambda: 7) == 7

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.412, "0.41 s"), (12.3, "12 s"), (185.0, "3 min 5 s"), (7_325.0, "2 h 2 min")],
)
def test_durations_are_written_as_people_say_them(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text


def test_what_changed_since_a_run_is_named_with_both_values() -> None:
    before = configuration_values(
        DetectorConfiguration(
            algorithm="knn", parameters={"n_neighbors": 5}, columns=ColumnChoices(id="row", ignore=("a",))
        )
    )
    assert (
        changes_text(
            before,
            configuration_values(DetectorConfiguration(algorithm="knn", parameters={"n_neighbors": 5})),
        )
        == ""
    )
    now = DetectorConfiguration(algorithm="lof", contamination=0.02, columns=ColumnChoices(ignore=("a", "b")))
    assert changes_text(before, configuration_values(now)) == (
        "algorithm knn, now lof; contamination not set, now 0.02; n_neighbors 5, now not set; ignore a, now a, b"
    )
    assert "algorithm not set, now knn" in changes_text({"contamination": None}, before)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (0.01, 0.014, "1 %; this run flags 1.4 times that share."),
        (0.001, 0.25, "0.1 %; this run flags 250 times that share."),
        (0.01, 0.01001, "1 %; this run flags the same share."),
        (0.00001, 0.3, "0.001 %; this run flags 30 %."),
        (0.0, 0.02, "0 %; this run flags 2 %."),
        (0.02, 0.0, "2 %; this run flags 0 %."),
    ],
)
def test_a_run_is_measured_against_the_baseline_in_plain_numbers(
    before: float, now: float, words: str
) -> None:
    assert against(before, now) == words


def test_one_label_is_not_written_as_several() -> None:
    assert precision_text(Precision({Verdict.TRUE: 1})).endswith("of 1 label")
    assert precision_text(Precision({Verdict.TRUE: 2})).endswith("of 2 labels")
    assert precision_text(Precision()) == ""
