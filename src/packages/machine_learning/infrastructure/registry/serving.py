"""Loaded models of the registry, kept for as long as there is room; served with the threshold in force."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from anomaly_detection.api import FittedModel, ServedModel
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from core.infrastructure.sql import of_tenant
from machine_learning.application.registry.queries import CacheFigures
from machine_learning.application.registry.stored_models import StoredModels, at_alert_rate
from machine_learning.domain.registry.ids import ModelVersionId
from machine_learning.domain.registry.model import CHAMPION, AliasNotFound, no_model
from machine_learning.domain.registry.reference import ModelReference
from machine_learning.domain.registry.version import ModelVersion, NotServable, VersionState
from machine_learning.infrastructure.registry.sql import named, no_version
from machine_learning.infrastructure.registry.tables import models, versions

FRESH_S = 1.0  # how long it is remembered what a reference means
MOST_REFERENCES = 10_000
WHOLE_FILE = 1.5  # memory of a loaded model over the size of its file, roughly


@dataclass(frozen=True, slots=True)
class _Meaning:
    version_id: ModelVersionId
    reference: str
    sha256: str
    size: int
    alert_rate: float | None  # None: the file's
    until: float  # by the stopwatch

    def served(self, fitted: FittedModel) -> ServedModel:
        return ServedModel(self.version_id, self.reference, at_alert_rate(fitted, self.alert_rate))


@dataclass(slots=True)
class CachedModels:
    """``anomaly_detection.api.ModelDetectors``. Equal files are loaded once, by one thread, whoever asks; the ones not
    used longest go first. ``stopwatch`` gives seconds that never go back."""

    database: Database
    stored: StoredModels
    stopwatch: Callable[[], float]
    most_models: int = 64
    most_bytes: int = 2 * 2**30
    figures: CacheFigures = field(default_factory=CacheFigures)
    _meanings: dict[tuple[TenantId, str], _Meaning] = field(default_factory=dict)
    _loaded: OrderedDict[str, tuple[FittedModel, int]] = field(default_factory=OrderedDict)
    _loading: dict[str, Future[FittedModel]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def served(self, tenant_id: TenantId, reference: str) -> ServedModel:
        found = self.remembered(tenant_id, reference)
        if found is not None:
            return found
        meaning = self._meanings.get((tenant_id, reference))
        if meaning is None or self.stopwatch() >= meaning.until:
            meaning = self._resolved(tenant_id, reference)
        return meaning.served(self._load(tenant_id, meaning))

    def remembered(self, tenant_id: TenantId, reference: str) -> ServedModel | None:
        """As ``served``, where that was asked a moment ago and the model is loaded; does no I/O."""
        meaning = self._meanings.get((tenant_id, reference))
        if meaning is None or self.stopwatch() >= meaning.until:
            return None
        with self._lock:
            kept = self._loaded.get(meaning.sha256)
            if kept is None:
                return None
            self._loaded.move_to_end(meaning.sha256)
            self.figures.hits += 1
        return meaning.served(kept[0])

    def slug(self, tenant_id: TenantId, reference: str) -> str:
        """Raises ModelNotFound."""
        wanted = select(models.c.slug).where(named(ModelReference.of(reference)))
        with self.database.of_tenant(tenant_id) as session:
            found: str | None = session.scalar(of_tenant(wanted, tenant_id))
        if found is None:
            raise no_model(reference)
        return found

    def aliases(self, tenant_id: TenantId, version_id: UUID) -> tuple[str, ...]:
        joined = models.join(versions, versions.c.model_id == models.c.id)
        wanted = select(models.c.aliases, versions.c.number).select_from(joined)
        mine = of_tenant(wanted.where(versions.c.id == version_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(mine).one_or_none()
        return (
            () if found is None else tuple(sorted(n for n, at in found.aliases.items() if at == found.number))
        )

    def _resolved(self, tenant_id: TenantId, reference: str) -> _Meaning:
        """Raises NotFound kinds, NotServable."""
        wanted = ModelReference.of(reference)
        model, version = self._found(tenant_id, reference, wanted)
        meaning = _Meaning(
            version.id,
            f"{model.slug}:{version.number}",
            version.sha256,
            int(version.size * WHOLE_FILE),
            version.moved_alert_rate,
            self.stopwatch() + FRESH_S,
        )
        if len(self._meanings) >= MOST_REFERENCES:
            self._meanings.clear()
        self._meanings[tenant_id, reference] = meaning
        return meaning

    def _found(
        self, tenant_id: TenantId, text: str, reference: ModelReference
    ) -> tuple[Row[Any], ModelVersion]:
        by_id = versions.c.id == reference.version_id
        joined = models.join(versions, versions.c.model_id == models.c.id)
        with self.database.of_tenant(tenant_id) as session:
            mine = (
                select(models).where(named(reference))
                if reference.version_id is None
                else select(models).select_from(joined).where(by_id)
            )
            model = session.execute(of_tenant(mine, tenant_id)).one_or_none()
            if model is None:
                raise no_model(text)
            which = select(ModelVersion).where(versions.c.model_id == model.id)
            number = _number(model, reference)
            if reference.version_id is not None:
                which = which.where(by_id)
            elif number is not None:
                which = which.where(versions.c.number == number)
            else:  # the newest one that may be used
                which = which.where(versions.c.state == VersionState.READY)
                which = which.order_by(versions.c.number.desc()).limit(1)
            version = session.scalar(of_tenant(which, tenant_id))
        if version is None and number is None:
            raise NotServable(
                f"{model.slug} has no version that may be used yet.",
                fix="Wait until one is trained; an imported one is used once an administrator has accepted it.",
            )
        if version is None:
            raise no_version(model.slug, number or 1)
        version.require_servable()
        return model, version

    def _load(self, tenant_id: TenantId, meaning: _Meaning) -> FittedModel:
        with self._lock:
            kept = self._loaded.get(meaning.sha256)
            if kept is not None:
                self._loaded.move_to_end(meaning.sha256)
                self.figures.hits += 1
                return kept[0]
            mine = meaning.sha256 not in self._loading
            loading = self._loading.setdefault(meaning.sha256, Future())
        if not mine:
            return loading.result()
        try:
            file = f"{meaning.version_id.hex}.model"
            fitted = self.stored.load(tenant_id, file, sha256=meaning.sha256)
            fitted.calibration.calibrated(
                fitted.detector.score(fitted.typical)
            )  # compiles what one row needs
        except BaseException as error:
            loading.set_exception(error)
            raise
        else:
            self._keep(meaning, fitted)
            loading.set_result(fitted)
            return fitted
        finally:
            with self._lock:
                del self._loading[meaning.sha256]

    def _keep(self, meaning: _Meaning, fitted: FittedModel) -> None:
        with self._lock:
            self._loaded[meaning.sha256] = fitted, meaning.size
            self.figures.misses += 1
            self.figures.size += meaning.size
            while len(self._loaded) > 1 and (
                len(self._loaded) > self.most_models or self.figures.size > self.most_bytes
            ):
                _, (_, size) = self._loaded.popitem(last=False)
                self.figures.size -= size
            self.figures.models = len(self._loaded)


def _number(model: Row[Any], reference: ModelReference) -> int | None:
    """The number of the version that is meant; None: the newest. Raises AliasNotFound."""
    if reference.alias is not None:
        if reference.alias not in model.aliases:
            raise AliasNotFound(
                f"{model.slug} has no alias {reference.alias[:63]!r}.", fix="See its aliases: GET the model."
            )
        return int(model.aliases[reference.alias])
    if reference.number is not None:
        return reference.number
    champion = model.aliases.get(CHAMPION)
    return None if champion is None else int(champion)
