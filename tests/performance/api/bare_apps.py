"""The peers that someone would write in an afternoon: no log-in, tenants, audit, limits or explanation."""

import os
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response


def same_kernel() -> FastAPI:
    """Our model file behind FastAPI and msgspec: what our own route costs beside it is what safety costs."""
    from pathlib import Path

    import msgspec
    import numpy as np
    import polars as pl

    from anomaly_detection import local_wiring
    from data_platform import local_wiring as data_platform

    model = local_wiring.build(data_platform.build()).models.load(Path(os.environ["BENCH_MODEL"]))
    app = FastAPI()
    decoder = msgspec.json.Decoder(dict[str, Any])

    @app.post("/detect")
    async def detect(request: Request) -> Response:
        frame = pl.DataFrame(decoder.decode(await request.body())["data"])
        scores = model.calibration.calibrated(model.raw_scores(frame))
        flags = np.asarray(scores >= 0.8).tolist()
        return Response(
            msgspec.json.encode(
                [{"score": s, "is_anomaly": f} for s, f in zip(scores.tolist(), flags, strict=True)]
            ),
            media_type="application/json",
        )

    return app


def scikit_learn() -> FastAPI:
    """Pydantic rows and scikit-learn's isolation forest."""
    import numpy as np
    from pydantic import BaseModel
    from sklearn.ensemble import IsolationForest

    with np.load(os.environ["BENCH_ROWS"]) as stored:
        forest = IsolationForest(random_state=0).fit(stored["x"])
    app = FastAPI()

    class Body(BaseModel):
        data: list[dict[str, float]]

    class Scored(BaseModel):
        score: float
        is_anomaly: bool

    @app.post("/detect")
    def detect(body: Body) -> list[Scored]:
        x = np.array([list(row.values()) for row in body.data])
        scores = -forest.score_samples(x)
        return [Scored(score=s, is_anomaly=s > 0.5) for s in scores.tolist()]

    return app
