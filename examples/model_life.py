"""The life of a model: trained once, saved, loaded elsewhere, scoring new rows, explaining one, with a threshold moved."""

import numpy as np
import polars as pl

from anomaly_detection import AnomalyDetector

rng = np.random.default_rng(0)


def readings(n_rows: int) -> pl.DataFrame:
    """Readings of a pump: the flow follows the pressure."""
    pressure = rng.normal(4, 0.5, n_rows)
    return pl.DataFrame(
        {
            "pressure": pressure,
            "flow": 12 * pressure + rng.normal(0, 1, n_rows),
            "valve": rng.choice(["open", "half"], n_rows),
        }
    )


AnomalyDetector("pca", contamination=0.01, random_state=0).fit(readings(5_000)).save("pump.model", force=True)

detector = AnomalyDetector.load("pump.model")  # in another process, on another day
today = readings(500)
today[42, "flow"] = 40.0  # a leak: usual on a day of low pressure, not today
today[42, "pressure"] = 4.5
scores = detector.score(today)
print(f"{(scores >= 0.8).sum()} of {len(today)} readings are flagged; about 1 % were expected.")

row = int(scores.argmax())
print(f"Row {row} scores {scores[row]:.3f}: {detector.explain(row, X=today).sentence}.")

# A score of 0.9 is four times rarer than the 1 % of training, 0.95 sixteen times: no new training is needed.
for threshold in (0.8, 0.9, 0.95):
    print(f"From {threshold} on: {(scores >= threshold).sum()} alerts.")
