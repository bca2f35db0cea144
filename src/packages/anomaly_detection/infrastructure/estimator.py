"""The detector object for notebooks and programs, with scikit-learn's manners."""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.fit_model import FitModel
from anomaly_detection.application.score_table import ScoreTable
from anomaly_detection.domain.detector import InvalidParameter, Scores, TooFewRows, UnknownAlgorithm
from anomaly_detection.domain.explanation import Explanation
from anomaly_detection.domain.fitted_model import DetectorConfiguration, FittedModel, ThresholdChoice
from anomaly_detection.domain.severity import FLAGGED
from anomaly_detection.domain.threshold import InvalidContamination
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.model_file import ZipModelFiles
from core.domain.errors import Invalid, InvalidOption
from data_platform.api import ColumnChoices, Decision, SchemaMismatch, frame_table, is_frame

LARGEST_SEED = 2**32 - 1  # of NumPy's generators


class UnexplainableRow(Invalid):
    title = "That is not one row of the training columns"


class InvalidSeed(InvalidOption):
    title = "random_state cannot seed an algorithm"


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

        Raises UnknownAlgorithm, InvalidParameter, InvalidContamination, InvalidSeed, TooFewRows, NoUsableColumn (all
        ValueError).
        """
        del y
        frame = self._frame(X, reset=True)
        table = frame_table(frame)
        configuration = self._configuration(
            ColumnChoices() if names_columns(X) else ColumnChoices(features=tuple(frame.columns))
        )
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

        row: an index into X, or the row itself: a mapping by column (a pandas Series too), a sequence or 1-D array in
        training order, or a frame or 2-D array of one row. Raises UnexplainableRow, SchemaMismatch.
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
        given = model.training.threshold_choice is ThresholdChoice.CONTAMINATION
        detector = cls(
            model.algorithm.name,
            contamination=model.calibration.alert_rate if given else None,
            random_state=model.seed,
            params=dict(model.parameters),
        )
        detector.model_ = model
        names = list(model.preprocessor.schema)
        detector.n_features_in_ = len(names)
        if names != array_columns(len(names)):
            detector.feature_names_in_ = np.array(names, dtype=object)
        detector.threshold_ = model.calibration.threshold
        detector.preparation_ = model.preprocessor.decisions
        detector.description_ = model.training.description
        return detector

    def _flags(self, raw: Scores) -> NDArray[np.int64]:
        return (self.model_.calibration.calibrated(raw) >= FLAGGED).astype(np.int64)

    def _configuration(self, columns: ColumnChoices) -> DetectorConfiguration:
        """What the constructor was given, with NumPy's scalars as Python's."""
        # Anything may have been given: scikit-learn's constructors check nothing.
        algorithm: Any = self.algorithm
        params: Any = {} if self.params is None else self.params
        contamination: Any = self.contamination
        if not isinstance(algorithm, str):
            raise UnknownAlgorithm(f"algorithm is {algorithm!r}.", fix="Give a name of the catalogue.")
        if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
            raise InvalidParameter(f"params is {params!r}.", fix="Give a mapping of names to values.")
        if contamination is not None and not isinstance(contamination, Real):
            raise InvalidContamination(
                f"contamination is {contamination!r}.", fix="Give a share in (0, 0.5], or None."
            )
        return DetectorConfiguration(
            algorithm=algorithm,
            parameters={n: v.item() if isinstance(v, np.generic) else v for n, v in params.items()},
            contamination=None if contamination is None else float(contamination),
            seed=self._seed(),
            columns=columns,
        )

    def _seed(self) -> int:
        given: Any = self.random_state
        if given is None:
            return 0
        if isinstance(given, np.random.RandomState):
            return int(given.randint(LARGEST_SEED, dtype=np.int64))
        if isinstance(given, Integral) and 0 <= int(given) <= LARGEST_SEED:
            return int(given)
        raise InvalidSeed(
            f"random_state is {given!r}.",
            fix=f"Give a whole number from 0 to {LARGEST_SEED}, a numpy.random.RandomState or None.",
        )

    def _frame(self, X: Any, *, reset: bool) -> pl.DataFrame:
        """The rows with named columns: a dataframe's own; an array's are those of training, or x0, x1 ... in it."""
        if names_columns(X):
            batches = list(frame_table(X, "X").batches())
            if not batches:
                raise TooFewRows("X has no rows.", fix="Give at least one.", rows=0)
            frame = pl.concat(batches)
            if reset:
                self.n_features_in_ = frame.width
                self.feature_names_in_ = np.array(frame.columns, dtype=object)
            return frame
        if reset:
            array = validate_data(self, X, dtype=np.float64, ensure_all_finite=False)
            return pl.from_numpy(array, schema=array_columns(array.shape[1]))
        array = check_array(X, dtype=np.float64, ensure_all_finite=False, estimator=self, input_name="X")
        names = list(self.model_.preprocessor.schema)
        if array.shape[1] != len(names):
            raise SchemaMismatch(
                f"X has {array.shape[1]} features, but {type(self).__name__} is expecting {len(names)} features as "
                "input.",
                fix="Give the columns of training in their order, or a dataframe.",
            )
        return pl.from_numpy(array, schema=names)

    def _one_row(self, row: Any, X: Any) -> tuple[int, pl.DataFrame]:
        if X is not None:
            frame = self._frame(X, reset=False)
            if (
                isinstance(row, bool)
                or not isinstance(row, Integral)
                or not -len(frame) <= int(row) < len(frame)
            ):
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
        if getattr(row, "ndim", None) == 1 and hasattr(row, "to_dict"):
            row = row.to_dict()  # a row taken out of a pandas frame
        if isinstance(row, Mapping):
            return self._frame({name: [value] for name, value in row.items()}, reset=False)
        if is_frame(row) or (isinstance(row, np.ndarray) and row.ndim == 2):
            return self._frame(row, reset=False)
        names = list(self.model_.preprocessor.schema)
        values = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != len(names):
            raise UnexplainableRow(
                f"{type(row).__name__} is not a row of the {len(names)} training columns.",
                fix="Give a mapping by column, or one value per column in training order; an index needs X=.",
            )
        return self._frame({name: [value] for name, value in zip(names, values, strict=True)}, reset=False)

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")


def names_columns(X: Any) -> bool:
    """Is it a dataframe, a mapping of columns or a list of rows as mappings?"""
    return is_frame(X) or (isinstance(X, list) and bool(X) and isinstance(X[0], Mapping))


def array_columns(n_features: int) -> list[str]:
    return [f"x{i}" for i in range(n_features)]
