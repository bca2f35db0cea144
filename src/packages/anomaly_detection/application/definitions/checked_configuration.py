from dataclasses import replace

from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.threshold import checked_contamination


def checked_configuration(catalogue: Catalogue, asked: DetectorConfiguration) -> DetectorConfiguration:
    """The configuration with the algorithm's own name and the given parameters in their types.

    Raises UnknownAlgorithm, InvalidParameter, InvalidContamination.
    """
    entry = catalogue.algorithm(asked.algorithm)
    checked = entry.with_defaults(asked.parameters)
    given = {name: checked[name] for name in asked.parameters}
    checked_contamination(asked.contamination)
    return replace(asked, algorithm=entry.name, parameters=given)
