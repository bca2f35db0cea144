"""Anomalies of a CSV file in five lines of Python: scores, flags and the reason for each.

The table is scikit-learn's wine data, without the names of the cultivars and with one value mistyped.
"""

import polars as pl
from sklearn.datasets import load_wine

from anomaly_detection import AnomalyDetector

wine = load_wine()
table = pl.DataFrame(wine.data, schema=wine.feature_names)
table[70, "malic_acid"] = 121.0  # it was 1.21
table.write_csv("wine.csv")

rows = pl.read_csv("wine.csv")
detector = AnomalyDetector().fit(rows)
scored = rows.with_columns(score=detector.score(rows), flagged=pl.Series(detector.labels_) == 1)

print(f"{detector.labels_.sum()} of {len(rows)} wines are flagged. The highest scores:")
for row in scored["score"].arg_sort(descending=True)[:3]:
    print(f"row {row}: {scored['score'][row]:.3f}, {detector.explain(row, X=rows).sentence}")
