"""The demo's table: card payments as a shop's bank would see them, with a few that an analyst should ask about."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

ROWS = 3_000
SUSPICIOUS = 15
# Category: share of payments, median amount, spread of its logarithm, busiest hour.
CATEGORIES = {
    "groceries": (0.40, 38.0, 0.55, 17),
    "restaurant": (0.22, 27.0, 0.50, 20),
    "fuel": (0.14, 62.0, 0.25, 8),
    "online": (0.16, 45.0, 0.60, 21),
    "travel": (0.08, 85.0, 0.50, 12),
}
COUNTRIES = {"DE": 0.86, "AT": 0.06, "FR": 0.05, "NL": 0.03}


def card_payments(seed: int = 7) -> pl.DataFrame:
    """Payments in the order of their time; ``label`` is 1 for the planted ones.

    Of each five planted ones one is far too high for its category, one at night and far from home, one a burst of small
    amounts, one from a country not seen otherwise, and one combines usual values that do not go together.
    """
    random = np.random.default_rng(seed)
    names = list(CATEGORIES)
    category = random.choice(len(names), ROWS, p=[share for share, *_ in CATEGORIES.values()])
    median, spread, busy = (np.array([row[i] for row in CATEGORIES.values()])[category] for i in (1, 2, 3))
    columns = {
        "amount": median * np.exp(random.normal(0, spread)),
        "hour": np.mod(np.rint(random.normal(busy, 2.2)), 24),
        "distance_km": random.gamma(1.6, 4.0, ROWS) * np.where(category == names.index("travel"), 2, 1),
        "minutes_since_last": random.gamma(2.0, 480.0, ROWS),
        "payments_last_day": random.poisson(2.1, ROWS).astype(float),
    }
    country = random.choice(list(COUNTRIES), ROWS, p=list(COUNTRIES.values()))
    planted = np.sort(random.choice(ROWS, SUSPICIOUS, replace=False))
    for number, row in enumerate(planted):
        _plant(columns, country, row, number % 5)
    start = datetime(2026, 6, 1, tzinfo=UTC)
    seconds = np.sort(random.uniform(0, 30 * 86_400, ROWS)).astype(int)
    return pl.DataFrame(
        {
            "payment_id": [f"P{number:05d}" for number in range(ROWS)],
            "paid_at": [start + timedelta(seconds=int(s)) for s in seconds],
            "category": [names[i] for i in category],
            "country": country.tolist(),
            **{name: np.round(values, 2) for name, values in columns.items()},
            "label": np.isin(np.arange(ROWS), planted).astype(int),
        }
    )


def _plant(columns: dict[str, np.ndarray], country: np.ndarray, row: int, kind: int) -> None:
    match kind:
        case 0:
            columns["amount"][row] *= 45
        case 1:
            columns["hour"][row], columns["distance_km"][row] = 3, 900
        case 2:
            columns["amount"][row] = 1.0
            columns["minutes_since_last"][row], columns["payments_last_day"][row] = 0.4, 24
        case 3:
            country[row], columns["amount"][row] = "RU", columns["amount"][row] * 9
        case _:
            columns["distance_km"][row], columns["minutes_since_last"][row] = 620, 6
