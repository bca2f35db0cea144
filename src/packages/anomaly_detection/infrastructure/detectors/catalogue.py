"""Every algorithm we offer. A new one is a file beside this one and an ``Offer`` in own_entries or library_entries.

Listing the algorithms imports none of them.
"""

from collections.abc import Mapping

from anomaly_detection.domain.algorithm import Algorithm
from anomaly_detection.domain.detector import Detector, UnknownAlgorithm
from anomaly_detection.infrastructure.detectors.library_entries import LIBRARY, pyod_offer
from anomaly_detection.infrastructure.detectors.offer import Offer
from anomaly_detection.infrastructure.detectors.own_entries import OWN
from anomaly_detection.infrastructure.detectors.pyod_entries import pyod_names
from core.domain.suggestion import did_you_mean

PYOD_PREFIX = "pyod:"
OFFERS: tuple[Offer, ...] = (*OWN, *LIBRARY)
BY_NAME: Mapping[str, Offer] = {
    name: offer for offer in OFFERS for name in (offer.algorithm.name, *offer.algorithm.aliases)
}


def algorithms() -> tuple[Algorithm, ...]:
    """All named algorithms, in the order they are shown."""
    return tuple(offer.algorithm for offer in OFFERS)


def further_names() -> tuple[str, ...]:
    """What PyOD's classes are called here."""
    return pyod_names()


def algorithm(name: str) -> Algorithm:
    """The entry of that name or alias, or of ``pyod:ClassName``. Raises UnknownAlgorithm with the nearest names."""
    return offered(name).algorithm


def detector(name: str, parameters: Mapping[str, object], *, seed: int) -> Detector:
    """A new detector, not yet fitted. Raises UnknownAlgorithm, InvalidParameter."""
    return offered(name).detector(parameters, seed=seed)


def offered(name: str) -> Offer:
    """What is offered under a name; capitals, spaces and hyphens do not matter. Raises UnknownAlgorithm."""
    if name.casefold().startswith(PYOD_PREFIX):
        return pyod_offer(name[len(PYOD_PREFIX) :])
    offer = BY_NAME.get(name.strip().casefold().replace("-", "_").replace(" ", "_"))
    if offer is None:
        raise UnknownAlgorithm(f"There is no algorithm {name!r}.", fix=did_you_mean(name, BY_NAME))
    return offer
