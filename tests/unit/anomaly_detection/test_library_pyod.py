import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anomaly_detection.application.attribution import ablation
from anomaly_detection.domain.algorithm import Cost, Explains
from anomaly_detection.domain.detector import CannotBeSaved, FitFailed, InvalidParameter, UnknownAlgorithm
from anomaly_detection.infrastructure.detectors.catalogue import algorithm, detector
from anomaly_detection.infrastructure.detectors.pyod_classes import CLASSIC, DEEP, OFFERED, REFUSED
from anomaly_detection.infrastructure.detectors.pyod_entries import models_folder, pyod_names

ABSTRACT = {"BaseDetector", "BaseDeepLearningDetector"}
SAVING = [found.name for found in CLASSIC if found.saves]
NOT_SAVING = [found.name for found in CLASSIC if not found.saves]


@pytest.fixture(scope="module")
def rows() -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(size=(120, 4))


@pytest.fixture(scope="module")
def new_rows() -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(size=(30, 4)) * 2


def detector_classes(path: Path) -> set[str]:
    """Names of the classes in a module of PyOD that extend one of its bases."""
    bases = ABSTRACT | {"BaseDetector"}
    return {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(b, ast.Name) and b.id in bases for b in node.bases)
    }


def test_every_class_of_pyod_is_offered_or_refused_with_a_reason() -> None:
    found = {name for path in models_folder().glob("*.py") for name in detector_classes(path)} - ABSTRACT

    assert found == set(OFFERED) | set(REFUSED)
    assert not set(OFFERED) & set(REFUSED)


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_each_entry_states_what_it_can_do(name: str) -> None:
    entry = algorithm(f"pyod:{name}")

    assert entry.name == f"pyod:{name}"
    assert entry.explains is Explains.ABLATION
    assert entry.paper.count(".") >= 2
    assert entry.extra == ("deep" if OFFERED[name].deep else None)
    assert all(p.doc.endswith(".") and len(p.doc) <= 250 for p in entry.parameters)
    assert entry.with_defaults({}) == {p.name: p.checked(p.default) for p in entry.parameters}


@pytest.mark.parametrize("name", [found.name for found in CLASSIC])
def test_scores_are_pyods_own_and_repeat_for_a_seed(name: str, rows: NDArray[np.float64]) -> None:
    first, second = detector(f"pyod:{name}", {}, seed=4), detector(f"pyod:{name}", {}, seed=4)

    scores = first.fit(rows)

    np.testing.assert_array_equal(second.fit(rows), scores)
    assert scores.dtype == np.float64
    assert len(np.unique(scores)) > 1


def test_scores_equal_those_of_the_class_itself(
    rows: NDArray[np.float64], new_rows: NDArray[np.float64]
) -> None:
    from pyod.models.knn import KNN

    ours = detector("pyod:KNN", {"n_neighbors": 7, "method": "mean"}, seed=0)
    theirs = KNN(n_neighbors=7, method="mean").fit(rows)

    np.testing.assert_allclose(ours.fit(rows), theirs.decision_scores_)
    np.testing.assert_allclose(ours.score(new_rows), theirs.decision_function(new_rows))


@pytest.mark.parametrize("name", [f.name for f in CLASSIC if f.batch_independent])
def test_a_row_scores_alone_as_in_a_batch_where_the_entry_says_so(
    name: str, rows: NDArray[np.float64], new_rows: NDArray[np.float64]
) -> None:
    made = detector(f"pyod:{name}", {}, seed=4)
    made.fit(rows)

    alone = np.concatenate([made.score(new_rows[i : i + 1]) for i in range(5)])

    np.testing.assert_allclose(alone, made.score(new_rows)[:5], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", [f.name for f in CLASSIC if f.planted_first > 0])
def test_ablation_names_a_planted_feature_first_as_often_as_the_entry_says(
    name: str, rows: NDArray[np.float64], new_rows: NDArray[np.float64]
) -> None:
    made = detector(f"pyod:{name}", {}, seed=4)
    made.fit(rows)
    odd, columns = new_rows / 2, np.arange(len(new_rows)) % 4
    odd[np.arange(len(odd)), columns] = 8

    found = ablation(
        made.score,
        odd,
        typical=np.median(rows, axis=0, keepdims=True),
        groups=[np.array([i]) for i in range(4)],
    )

    assert np.mean(found.argmax(axis=1) == columns) >= algorithm(f"pyod:{name}").planted_first


@pytest.mark.parametrize("name", SAVING)
def test_what_saves_scores_as_before(
    name: str, rows: NDArray[np.float64], new_rows: NDArray[np.float64]
) -> None:
    made, restored = detector(f"pyod:{name}", {}, seed=4), detector(f"pyod:{name}", {}, seed=4)
    made.fit(rows)

    restored.restore(made.state())

    np.testing.assert_array_equal(restored.score(new_rows), made.score(new_rows))


def test_thirteen_classes_save() -> None:
    assert len(SAVING) >= 13


@pytest.mark.parametrize("name", NOT_SAVING)
def test_what_needs_pickle_says_so_before_training(name: str) -> None:
    assert not algorithm(f"pyod:{name}").saves
    with pytest.raises(CannotBeSaved, match="without pickle"):
        detector(f"pyod:{name}", {}, seed=0).state()


@pytest.mark.parametrize("name", [found.name for found in DEEP])
def test_no_network_of_pyod_saves(name: str) -> None:
    assert not algorithm(f"pyod:{name}").saves


def test_capitals_do_not_matter() -> None:
    assert algorithm("PyOD:knn") is algorithm("pyod:KNN")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DOMINANT", "graphs"),
        ("AudioAE", "sound"),
        ("EmbeddingOD", "text, images"),
        ("KShape", "time series"),
        ("xgbod", "labels"),
        ("COF", "a row alone"),
        ("MAD", "use modified_z_score"),
        ("LSCP", "use ensemble"),
        ("AUCP", "thresholds"),
        ("KNNN", "Did you mean 'KNN'"),
        ("base", "PyOD has no class 'base'"),
    ],
)
def test_what_is_not_for_tables_is_refused_with_the_reason(name: str, words: str) -> None:
    with pytest.raises(UnknownAlgorithm, match=words):
        algorithm(f"pyod:{name}")


def test_names_are_prefixed_and_complete() -> None:
    assert {name.removeprefix("pyod:") for name in pyod_names()} == set(OFFERED)


def test_parameters_come_from_the_signature() -> None:
    by_name = {p.name: p for p in algorithm("pyod:KNN").parameters}

    assert by_name["n_neighbors"].default == 5
    assert by_name["n_neighbors"].low == 1
    assert "contamination" not in by_name
    assert by_name["method"].type_name == "str"


def test_a_value_that_the_class_refuses_is_our_error(rows: NDArray[np.float64]) -> None:
    with pytest.raises((InvalidParameter, FitFailed), match="pyod:KNN"):
        detector("pyod:KNN", {"method": "nearest"}, seed=0).fit(rows)


def test_a_parameter_of_the_wrong_type_is_refused_before_training() -> None:
    with pytest.raises(InvalidParameter, match="n_neighbors"):
        detector("pyod:KNN", {"n_neighbors": "many"}, seed=0)


def test_words_that_may_be_numbers_are_passed_as_numbers(rows: NDArray[np.float64]) -> None:
    few, automatic = detector("pyod:INNE", {"max_samples": "4"}, seed=0), detector("pyod:INNE", {}, seed=0)

    assert not np.array_equal(few.fit(rows), automatic.fit(rows))


def test_costly_classes_learn_from_a_sample_and_score_all() -> None:
    many = np.random.default_rng(2).normal(size=(1_200, 2))

    scores = detector("pyod:KPCA", {}, seed=0).fit(many)

    assert scores.shape == (1_200,)
    assert algorithm("pyod:KPCA").cost is Cost.QUADRATIC


def test_global_randomness_and_standard_output_stay_untouched(
    rows: NDArray[np.float64], capsys: pytest.CaptureFixture[str]
) -> None:
    np.random.seed(7)
    expected = np.random.RandomState(7).random_sample()

    detector("pyod:OCSVM", {}, seed=1).fit(rows)

    assert np.random.random_sample() == expected
    assert capsys.readouterr().out == ""


def test_naming_a_class_imports_neither_pyod_nor_scikit_learn() -> None:
    program = (
        "import sys; from anomaly_detection.infrastructure.detectors.catalogue import algorithm, algorithms\n"
        "algorithms(); algorithm('pyod:KNN')\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'pyod', 'sklearn', 'scipy', 'torch', 'numba'}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )

    assert done.stdout.strip() == "[]"
