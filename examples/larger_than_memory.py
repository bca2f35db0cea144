"""A file that need not fit into memory: written, learned from a sample of and scored in batches.

Here it has 300,000 rows, so that this runs in seconds; with ROWS a hundred times that, the memory stays the same.
"""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS, BATCH, COLUMNS = 300_000, 50_000, 10
NAMES = [f"sensor_{i}" for i in range(COLUMNS)]

rng = np.random.default_rng(0)
with pq.ParquetWriter("readings.parquet", pa.schema([(name, pa.float64()) for name in NAMES])) as writer:
    for start in range(0, ROWS, BATCH):
        values = rng.normal(size=(BATCH, COLUMNS))
        if start == 0:
            values[1234] = 6.0
        writer.write_table(pa.table(dict(zip(NAMES, values.T, strict=True))))

command = ["anomaly_detection", "detect", "--input", "readings.parquet", "--algorithm", "isolation_forest"]
command += ["--top", "3", "--output", "scored.parquet", "--force"]
print("$", *command, flush=True)
subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], check=True)

highest = pl.scan_parquet("scored.parquet").sort("raw_score", descending=True).head(1).collect()
print(f"The highest score of {ROWS:,} rows: {highest['score'][0]:.3f}, {highest['reason'][0]}")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # megabytes; Linux counts in kilobytes
print(f"Detection took at most {peak:.0f} MB of memory.")
