import numpy as np
import pytest

from anomaly_detection.domain.algorithm import Algorithm
from anomaly_detection.domain.detector import InvalidParameter, UnknownAlgorithm
from anomaly_detection.infrastructure.detectors import catalogue

ASKED_FOR = [
    "isolation_forest",
    "lof",
    "knn",
    "one_class_svm",
    "ecod",
    "copod",
    "hbos",
    "pca",
    "mcd",
    "cblof",
    "inne",
    "loda",
    "gmm",
    "kde",
    "dbscan",
    "z_score",
    "modified_z_score",
    "iqr",
    "autoencoder",
    "vae",
    "ensemble",
    "subsampled_knn",
]


def test_every_algorithm_that_was_asked_for_is_there_once() -> None:
    names = [entry.name for entry in catalogue.algorithms()]
    assert set(ASKED_FOR) <= set(names)
    assert len(names) == len(set(names))


def test_no_two_entries_share_a_name_or_an_alias() -> None:
    names = [name for entry in catalogue.algorithms() for name in (entry.name, *entry.aliases)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("written", ["isolation_forest", "Isolation Forest", "isolation-forest", "iforest"])
def test_capitals_spaces_and_hyphens_do_not_matter(written: str) -> None:
    assert catalogue.algorithm(written).name == "isolation_forest"


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownAlgorithm) as caught:
        catalogue.algorithm("isolation_forrest")
    assert "isolation_forrest" in caught.value.detail
    assert "'isolation_forest'" in caught.value.fix


def test_an_unknown_parameter_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidParameter) as caught:
        catalogue.detector("knn", {"n_neighbours": 5}, seed=0)
    assert "'n_neighbors'" in caught.value.fix


def test_parameters_come_as_text_from_a_command_line() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    text = catalogue.detector("isolation_forest", {"n_estimators": "7"}, seed=0).fit(x)
    number = catalogue.detector("isolation_forest", {"n_estimators": 7}, seed=0).fit(x)
    np.testing.assert_array_equal(text, number)


@pytest.mark.parametrize("entry", catalogue.algorithms(), ids=lambda entry: entry.name)
def test_every_entry_says_what_it_is_and_where_it_comes_from(entry: Algorithm) -> None:
    assert entry.title
    assert entry.family
    assert entry.summary.endswith(".")
    assert any(year in entry.paper for year in map(str, range(1960, 2026)))
