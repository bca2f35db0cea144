"""What a detector is worth on labelled rows, and how sure that is."""

from dataclasses import dataclass

import numpy as np

from machine_learning.domain.ranking import Labels, Ranking, Scores, Weights

RESAMPLES = 200  # bootstrap samples; each end of a 95 % interval then rests on 5 of them
CONFIDENCE = 0.95
ENDS = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and its percentile bootstrap interval (Efron 1979), resampling within each class."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of rows at the model's threshold."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @classmethod
    def of(cls, flagged: Labels, labels: Labels) -> "Confusion":
        return cls(
            int((flagged & labels).sum()),
            int((flagged & ~labels).sum()),
            int((~flagged & labels).sum()),
            int((~flagged & ~labels).sum()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All shares in [0, 1]. ``k`` of precision@k is the number of anomalies."""

    rows: int
    anomalies: int
    auroc: Estimate
    average_precision: Estimate
    k: int
    precision_at_k: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate
    alert_rate: Estimate
    confusion: Confusion


def evaluate(scores: Scores, flagged: Labels, labels: Labels, *, seed: int) -> Evaluation:
    """Scores with higher more anomalous, flags at the threshold, and the truth, each of shape (n_rows,).

    Raises OneClassOnly.
    """
    ranking = Ranking.of(scores, labels)
    rng = np.random.default_rng(seed)
    ordered_flags = flagged[ranking.order].astype(np.float64)
    found = measures(ranking, ordered_flags, np.ones(len(labels)))
    drawn = [measures(ranking, ordered_flags, resampled(ranking.labels, rng)) for _ in range(RESAMPLES)]
    low, high = np.quantile([list(d.values()) for d in drawn], ENDS, axis=0).tolist()
    estimates = {
        name: Estimate(value, *ends) for (name, value), *ends in zip(found.items(), low, high, strict=True)
    }
    return Evaluation(
        rows=len(labels),
        anomalies=int(labels.sum()),
        k=int(labels.sum()),
        confusion=Confusion.of(flagged, labels),
        **estimates,
    )


def measures(ranking: Ranking, ordered_flags: Weights, weights: Weights) -> dict[str, float]:
    """Every estimated measure of the ranked rows, each row counting as often as its weight says."""
    truth = ranking.labels.astype(np.float64)
    hits = float(weights @ (ordered_flags * truth))
    flagged, anomalies = float(weights @ ordered_flags), float(weights @ truth)
    return {
        "auroc": ranking.auroc(weights),
        "average_precision": ranking.average_precision(weights),
        "precision_at_k": ranking.precision_at(int(truth.sum()), weights),
    } | cut_measures(hits, flagged - hits, anomalies, float(weights.sum()))


def at_threshold(found: Confusion, *, seed: int) -> dict[str, Estimate]:
    """The measures that depend on the threshold alone, from counts: each class drawn anew is a binomial draw."""
    rng = np.random.default_rng(seed)
    anomalies = found.true_positives + found.false_negatives
    normal = found.false_positives + found.true_negatives
    hits = rng.binomial(anomalies, found.true_positives / anomalies, RESAMPLES)
    alarms = rng.binomial(normal, found.false_positives / normal, RESAMPLES)
    values = cut_measures(found.true_positives, found.false_positives, anomalies, anomalies + normal)
    drawn = [
        cut_measures(hit, alarm, anomalies, anomalies + normal)
        for hit, alarm in zip(hits.tolist(), alarms.tolist(), strict=True)
    ]
    ends = {name: np.quantile([each[name] for each in drawn], ENDS).tolist() for name in values}
    return {name: Estimate(value, *ends[name]) for name, value in values.items()}


def cut_measures(hits: float, alarms: float, anomalies: float, rows: float) -> dict[str, float]:
    flagged = hits + alarms
    return {
        "precision": share(hits, flagged),
        "recall": share(hits, anomalies),
        "f1": share(2 * hits, flagged + anomalies),
        "alert_rate": share(flagged, rows),
    }


def share(part: float, whole: float) -> float:
    """part / whole, 0 where the whole is empty: a detector that flags nothing has found nothing."""
    return part / whole if whole > 0 else 0.0


def resampled(labels: Labels, rng: np.random.Generator) -> Weights:
    """How often each row is drawn when anomalies and normal rows are each drawn anew with replacement."""
    weights = np.empty(len(labels))
    for positions in (np.flatnonzero(labels), np.flatnonzero(~labels)):
        drawn = rng.integers(0, len(positions), len(positions))
        weights[positions] = np.bincount(drawn, minlength=len(positions))
    return weights
