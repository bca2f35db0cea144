"""Where unusual begins: the alert rate, given or found."""

import numpy as np

from anomaly_detection.domain.detector import Scores
from core.domain.errors import InvalidOption

HIGHEST_CONTAMINATION = 0.5
PLAIN_DIMENSIONS = 4
HIGHEST_AUTOMATIC = 0.1  # share of rows; above it the odd rows are a second kind of usual ones
# Share of ordinary rows that may lie beyond the threshold by chance; in between 0.1 / sqrt(n), so that alerts by chance
# grow with the root of the rows: about 2 of 500, 10 of 10,000.
RISKS = (1e-3, 5e-3)
# From about a Gaussian's tail at those risks to the exponential, the heaviest credited to ordinary rows.
SHAPES = (-0.2, 0.0)
RAREST_OF_EQUALS = (
    0.01  # share of rows that may be flagged where most rows score the same and no tail can be fitted
)
FEWEST_SCORES = 20  # below it the 1/16 quantile rests on one row


class InvalidContamination(InvalidOption):
    title = "The contamination is not a share of rows"


def checked_contamination(contamination: float | None) -> float | None:
    """The share itself, in (0, 0.5]; None stays None. Raises InvalidContamination."""
    if contamination is None or 0 < contamination <= HIGHEST_CONTAMINATION:
        return contamination
    raise InvalidContamination(
        f"Contamination is {contamination:g}.",
        fix="Give the expected share of anomalies, above 0 and at most 0.5, or leave it out.",
    )


def automatic_alert_rate(scores: Scores, *, distances_in: int | None = None) -> float:
    """Share of rows beyond where the bulk's tail would end, in [0, 0.1]; 0 where nothing stands out.

    ``distances_in``: the scores are distances to neighbours in so many dimensions. These grow as density to the power
    -1/d (Loftsgaarden and Quesenberry 1965), in one or two dimensions far faster than an exponential tail allows, so
    they are taken to the power d/4 there; from four on they are left as they are.
    """
    if distances_in is not None and distances_in < PLAIN_DIMENSIONS:
        scores = np.maximum(scores, 0) ** (distances_in / PLAIN_DIMENSIONS)
    return min(float(np.mean(scores > end_of_the_bulk(scores))), HIGHEST_AUTOMATIC)


def end_of_the_bulk(scores: Scores) -> float:
    """The score that only ``chance_share`` of ordinary rows exceed; the 99 % quantile where most are the same.

    Peaks over threshold as in Siffer et al. (2017), with the tail fitted where rows are still ordinary. They fit the
    highest 2 %; where those are the anomalies, they set their own threshold and none is found. Here the upper 1/4, 1/8
    and 1/16 quantiles give shape and scale in closed form (Pickands 1975): rows beyond them have no leverage.
    """
    if len(scores) < FEWEST_SCORES:
        return float("inf")
    quarter, eighth, sixteenth = np.quantile(scores, [0.75, 0.875, 0.9375])
    near, far = eighth - quarter, sixteenth - eighth
    if near <= 1e-9 * max(abs(quarter), abs(sixteenth)):
        return float(np.quantile(scores, 1 - RAREST_OF_EQUALS))
    risk = chance_share(len(scores))
    shape = float(np.clip(np.log2(max(far, np.finfo(float).tiny) / near), *SHAPES))
    if shape > -1e-6:  # the limit of the formula below
        return float(quarter + near / np.log(2) * np.log(0.25 / risk))
    return float(quarter + near * ((risk / 0.25) ** -shape - 1) / (2**shape - 1))


def chance_share(n_rows: int) -> float:
    """Share of ordinary rows alerted by chance, within ``RISKS``."""
    return float(np.clip(0.1 / np.sqrt(n_rows), *RISKS))
