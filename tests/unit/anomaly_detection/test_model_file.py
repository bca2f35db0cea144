"""A model file gives back the model that was saved, in any process."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anomaly_detection import AnomalyDetector
from anomaly_detection.domain.algorithm import Algorithm
from anomaly_detection.domain.detector import CannotBeSaved
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.model_file import ModelExists, ModelNotFound, ZipModelFiles
from core.domain.errors import Unwritable
from tests.support.command_line import environment

RNG = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "amount": RNG.lognormal(3, 0.5, 120),
        "items": [None if i % 13 == 0 else i % 7 for i in range(120)],
        "country": RNG.choice(["NL", "BE", "DE"], 120),
        "at": pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 5, 23), "1h", eager=True),
    }
)
SAVING = [a for a in catalogue.algorithms() if a.saves] + [catalogue.algorithm("pyod:ABOD")]
SCORE_ALL = """
import sys
from pathlib import Path
import numpy as np, polars as pl
from anomaly_detection import AnomalyDetector
folder = Path(sys.argv[1])
rows = pl.read_parquet(folder / "rows.parquet")
for path in folder.glob("*.model"):
    np.save(path.with_suffix(".npy"), AnomalyDetector.load(path).decision_function(rows))
"""

SAVING_CASES = [
    pytest.param(a, id=a.name, marks=[pytest.mark.deep] if a.extra == "deep" else []) for a in SAVING
]
saving = pytest.mark.parametrize("entry", SAVING_CASES)


@cache
def fitted(name: str) -> AnomalyDetector:
    return AnomalyDetector(name).fit(FRAME)


def file_name(entry: Algorithm) -> str:
    return f"{entry.name.replace(':', '_')}.model"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Path]:
    """A folder of models, with or without the deep ones, and of the scores another process gave by them."""

    @cache
    def scored(deep: bool) -> Path:
        folder = tmp_path_factory.mktemp("models")
        for entry in SAVING:
            if (entry.extra == "deep") is deep:
                fitted(entry.name).save(folder / file_name(entry))
        FRAME.write_parquet(folder / "rows.parquet")
        subprocess.run([sys.executable, "-c", SCORE_ALL, folder], env=environment(), check=True)
        return folder

    return scored


@saving
def test_another_process_scores_as_the_one_that_saved(
    entry: Algorithm, elsewhere: Callable[[bool], Path]
) -> None:
    scores = np.load((elsewhere(entry.extra == "deep") / file_name(entry)).with_suffix(".npy"))
    np.testing.assert_array_equal(scores, fitted(entry.name).decision_function(FRAME))


@saving
def test_a_loaded_detector_does_all_that_the_saved_one_does(entry: Algorithm, tmp_path: Path) -> None:
    saved, path = fitted(entry.name), tmp_path / "one.model"
    saved.save(str(path))
    loaded = AnomalyDetector.load(str(path))
    np.testing.assert_array_equal(loaded.score(FRAME), saved.score(FRAME))
    np.testing.assert_array_equal(loaded.predict(FRAME), saved.predict(FRAME))
    assert loaded.explain(17, X=FRAME) == saved.explain(17, X=FRAME)
    assert loaded.threshold_ == saved.threshold_
    assert loaded.preparation_ == saved.preparation_
    assert loaded.description_ == saved.description_
    assert loaded.feature_names_in_.tolist() == FRAME.columns
    assert loaded.n_features_in_ == 4
    assert not hasattr(loaded, "labels_")


@pytest.mark.parametrize("entry", [case for case in SAVING_CASES if case.id != "pyod:ABOD"])
def test_a_loaded_model_saved_again_is_the_same_bytes(entry: Algorithm, tmp_path: Path) -> None:
    first, second = tmp_path / "first.model", tmp_path / "second.model"
    fitted(entry.name).save(first)
    AnomalyDetector.load(first).save(second)
    assert second.read_bytes() == first.read_bytes()


def test_equal_training_gives_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        AnomalyDetector("isolation_forest", random_state=5).fit(FRAME).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_loaded_detector_can_be_fitted_again_as_the_first_was(tmp_path: Path) -> None:
    saved = AnomalyDetector("knn", 0.05, 3, {"n_neighbors": 4}).fit(FRAME)
    saved.save(tmp_path / "knn.model")
    loaded = AnomalyDetector.load(tmp_path / "knn.model")
    assert loaded.contamination == 0.05
    assert loaded.fit(FRAME).threshold_ == saved.threshold_


def test_what_cannot_be_stored_says_so_before_training(tmp_path: Path) -> None:
    with pytest.raises(CannotBeSaved, match="pyod:IForest"):
        ZipModelFiles(catalogue).check_can_save("pyod:IForest", tmp_path / "forest.model")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_stored_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(CannotBeSaved):
        AnomalyDetector("pyod:IForest").fit(FRAME).save(tmp_path / "forest.model")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "one.model"
    path.write_text("mine")
    with pytest.raises(ModelExists):
        fitted("pca").save(path)
    assert path.read_text() == "mine"
    fitted("pca").save(path, force=True)
    np.testing.assert_array_equal(AnomalyDetector.load(path).score(FRAME), fitted("pca").score(FRAME))
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "absent" / "one.model", tmp_path / "file" / "one.model"):
        with pytest.raises(Unwritable):
            fitted("pca").save(place)
    with pytest.raises(Unwritable, match="folder"):
        fitted("pca").save(tmp_path, force=True)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    fitted("pca").save(tmp_path / "pump.model")
    with pytest.raises(ModelNotFound, match=r"pump\.model"):
        AnomalyDetector.load(tmp_path / "pumpe.model")
    for absent in (tmp_path / "nowhere" / "pump.model", tmp_path / "pump.model" / "inside.model"):
        with pytest.raises(ModelNotFound):
            AnomalyDetector.load(absent)
