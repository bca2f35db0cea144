"""The detector object for notebooks and programs, with scikit-learn's manners."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.fit_model import FitModel
from anomaly_detection.application.score_table import ScoreTable
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.explanation import Explanation
from anomaly_detection.domain.fitted_model import DetectorConfiguration, FittedModel
from anomaly_detection.domain.severity import FLAGGED
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.model_file import ZipModelFiles
from core.domain.errors import Invalid
from data_platform.api import ColumnChoices, Decision, frame_table, is_frame

LARGEST_SEED = 2**31 - 1


class UnexplainableRow(Invalid):
    title = "That is not one row of the training columns"


class AnomalyDetector(BaseEstimator):
    """Finds anomalies in rows of numbers or of a dataframe (Polars, pandas, pyarrow), and says why.

    algorithm: a name of the catalogue (``anomaly_detection algorithms list``) or ``pyod:ClassName``.
    contamination: expected share of anomalies in (0, 0.5]; None finds the threshold from the scores.
    random_state: an int, None (as 0: the same rows give the same scores) or a ``numpy.random.RandomState``.
    params: the algorithm's parameters by name, checked by ``fit``.

    After ``fit``: ``decision_scores_`` (raw, higher is more anomalous), ``labels_`` (1 anomaly, 0 normal) and
    ``threshold_`` (the lowest raw score flagged), all of the training rows; ``preparation_``, what was decided about
    each column; ``description_``, what the algorithm did.
    """

    def __init__(
        self,
        algorithm: str = "auto",
        contamination: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        self.algorithm = algorithm
        self.contamination = contamination
        self.random_state = random_state
        self.params = params

    def fit(self, X: Any, y: object = None) -> Self:
        """Learn from rows, shape (n_rows, n_features), NaN allowed; y is ignored.

        Raises UnknownAlgorithm, InvalidParameter, InvalidContamination, TooFewRows, NoUsableColumn (all ValueError).
        """
        del y
        frame = self._frame(X, reset=True)
        configuration = DetectorConfiguration(
            algorithm=self.algorithm,
            parameters=dict(self.params or {}),
            contamination=self.contamination,
            seed=self._seed(),
            columns=ColumnChoices() if is_frame(X) else ColumnChoices(features=tuple(frame.columns)),
        )
        table = frame_table(frame)
        fit = FitModel(catalogue)(table, configuration)
        self.model_ = fit.model
        raw = [batch.raw for batch in ScoreTable(table, fit.model, fit)()]
        self.decision_scores_: Scores = np.concatenate(raw)
        self.threshold_ = fit.model.calibration.threshold
        self.labels_ = self._flags(self.decision_scores_)
        self.preparation_: tuple[Decision, ...] = fit.model.preprocessor.decisions
        self.description_ = fit.model.training.description
        return self

    def decision_function(self, X: Any) -> Scores:
        """Raw scores, shape (n_rows,), higher is more anomalous; the scale is the algorithm's own."""
        check_is_fitted(self)
        model: FittedModel = self.model_
        if type(X) is np.ndarray and X.ndim == 2 and X.dtype == np.float64 and len(X):
            prepared = model.preprocessor.transform_array(X)
            if prepared is not None:
                return model.detector.score(model.scaler.transform(prepared))
        return model.raw_scores(self._frame(X, reset=False))

    def score(self, X: Any, y: object = None) -> Scores:
        """Calibrated scores in [0, 1], shape (n_rows,): flagged is >= 0.8, 0.9 is four times rarer; y is ignored."""
        del y
        raw = self.decision_function(X)
        return self.model_.calibration.calibrated(raw)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """1 for anomalies, 0 for normal rows, shape (n_rows,)."""
        return self._flags(self.decision_function(X))

    def fit_predict(self, X: Any, y: object = None) -> NDArray[np.int64]:
        """``fit``, then ``labels_``."""
        return self.fit(X, y).labels_

    def explain(self, row: Any, X: Any = None) -> Explanation:
        """Why a row scores as it does, by column.

        row: an index into X, or the row itself: a mapping by column, a sequence or 1-D array in training order, or
        a frame or 2-D array of one row. Raises UnexplainableRow, SchemaMismatch.
        """
        check_is_fitted(self)
        number, frame = self._one_row(row, X)
        model: FittedModel = self.model_
        return RowExplainer(model).explain(frame, model.raw_scores(frame), rows=np.array([number]))[0]

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the fitted detector to one file without pickle. Raises CannotBeSaved, ModelExists, Unwritable."""
        check_is_fitted(self)
        ZipModelFiles(catalogue).save(self.model_, Path(path), force=force)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A detector that scores as the saved one; it has no ``labels_``: the training rows are not in the file.

        Raises ModelNotFound, InvalidModelFile.
        """
        model = ZipModelFiles(catalogue).load(Path(path))
        detector = cls(model.algorithm.name, random_state=model.seed, params=dict(model.parameters))
        detector.model_ = model
        detector.n_features_in_ = len(model.preprocessor.schema)
        detector.threshold_ = model.calibration.threshold
        detector.preparation_ = model.preprocessor.decisions
        detector.description_ = model.training.description
        return detector

    def _flags(self, raw: Scores) -> NDArray[np.int64]:
        return (self.model_.calibration.calibrated(raw) >= FLAGGED).astype(np.int64)

    def _seed(self) -> int:
        if self.random_state is None:
            return 0
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(LARGEST_SEED))

    def _frame(self, X: Any, *, reset: bool) -> pl.DataFrame:
        """The rows with named columns: a dataframe's own, or x0, x1 ... for arrays."""
        if is_frame(X):
            frame = pl.concat(frame_table(X).batches())
            if reset:
                self.n_features_in_ = frame.width
                self.feature_names_in_ = np.array(frame.columns, dtype=object)
            return frame
        array = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite=False, ensure_min_samples=1
        )
        return pl.from_numpy(array, schema=[f"x{i}" for i in range(array.shape[1])])

    def _one_row(self, row: Any, X: Any) -> tuple[int, pl.DataFrame]:
        if X is not None:
            frame = self._frame(X, reset=False)
            if not isinstance(row, Integral) or not -len(frame) <= int(row) < len(frame):
                raise UnexplainableRow(
                    f"Row {row!r} of {len(frame)}.", fix=f"Give an index in 0 ... {len(frame) - 1}."
                )
            position = int(row) % len(frame)
            return position, frame[position : position + 1]
        frame = self._row_frame(row)
        if len(frame) != 1:
            raise UnexplainableRow(f"{len(frame)} rows.", fix="Give one row, or an index and X.")
        return 0, frame

    def _row_frame(self, row: Any) -> pl.DataFrame:
        names = list(self.model_.preprocessor.schema)
        if isinstance(row, Mapping):
            return pl.DataFrame({name: [value] for name, value in row.items()})
        if is_frame(row) or (isinstance(row, np.ndarray) and row.ndim == 2):
            return self._frame(row, reset=False)
        values: Sequence[Any] | ArrayLike = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != len(names):
            raise UnexplainableRow(
                f"{type(row).__name__} is not a row of the {len(names)} training columns.",
                fix="Give a mapping by column, or one value per column in training order; an index needs X=.",
            )
        return pl.DataFrame({name: [value] for name, value in zip(names, values, strict=True)})

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")
