from dataclasses import dataclass

from anomaly_detection.application.explanations.explain_run_row import ExplainRunRow
from anomaly_detection.application.explanations.map_rows import MapRows
from anomaly_detection.application.explanations.row_facets import CountFacets


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """Why a run's rows are flagged."""

    explain: ExplainRunRow
    facets: CountFacets
    map: MapRows
