from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from anomaly_detection.api import (
    Catalogue,
    DetectorConfiguration,
    ModelFiles,
    check_rows,
    checked_contamination,
    configuration_values,
)
from core.application.files import TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Conflict
from core.domain.ids import new_id
from data_platform.api import DatasetReader, OpenedVersion
from machine_learning.application.evaluate_model import LabelFinder, found_label
from machine_learning.application.registry.ports import RegistryTransaction, RegistryUnitOfWork
from machine_learning.domain.registry.ids import ModelId, TrainingRunId
from machine_learning.domain.registry.model import Model, slug_of
from machine_learning.domain.registry.training import RunKind, TrainingRun

TRAIN = "model.train"


@dataclass(frozen=True, slots=True)
class StartTraining:
    """Ask for a new version of a model, which is registered where nobody has used its name yet."""

    uow: RegistryTransaction
    catalogue: Catalogue
    models: ModelFiles
    files: TenantFiles
    datasets: DatasetReader
    label_column: LabelFinder
    clock: Callable[[], datetime]

    def __call__(
        self,
        actor: Actor,
        *,
        dataset: str,
        name: str,
        configuration: DetectorConfiguration,
        columns: Mapping[str, object],
    ) -> TrainingRun:
        """``columns`` go before what the dataset says of its columns.

        Raises DatasetNotFound, UnknownAlgorithm, InvalidParameter, InvalidContamination, CannotBeSaved,
        InvalidModelName, ColumnNotInDataset, RolesOutdated, ConflictingRoles, TooFewRows, InvalidLabel, QuotaExceeded.
        """
        entry = self.catalogue.algorithm(configuration.algorithm)
        entry.with_defaults(configuration.parameters)
        checked_contamination(configuration.contamination)
        with self.files.staging(".model") as path:
            self.models.check_can_save(entry.name, path)
        slug_of(name)
        opened = self.datasets.latest(actor.tenant_id, dataset)
        choices = opened.choices_with(columns)
        check_rows(opened.slug, opened.rows)
        if choices.label is not None:
            found_label(self.label_column, opened.table, choices.label)
        asked = replace(configuration, algorithm=entry.name, columns=choices)
        try:
            return self._stored(actor, name, opened, configuration=asked)
        except Conflict:  # someone registered the name in this very moment: now it is there
            return self._stored(actor, name, opened, configuration=asked)

    def _stored(
        self, actor: Actor, name: str, opened: OpenedVersion, *, configuration: DetectorConfiguration
    ) -> TrainingRun:
        with self.uow(actor) as uow:
            model = registered(uow, actor, name, now=self.clock())
            run_id = TrainingRunId(new_id())
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            run = TrainingRun(
                id=run_id,
                tenant_id=actor.tenant_id,
                model_id=model.id,
                kind=RunKind.TRAIN,
                configuration=configuration_values(configuration),
                dataset=opened.slug,
                dataset_version_id=opened.version_id,
                job_id=uow.enqueue(TRAIN, {"training_run_id": str(run_id)}, subject_id=run_id),
                user_id=actor.user_id,
                key_id=actor.key_id,
                created_at=self.clock(),
            )
            uow.add(run)
            uow.audit("training_run.started", run_id, after={"model": model.slug, "dataset": opened.slug})
            uow.commit()
        return run


def registered(uow: RegistryUnitOfWork, actor: Actor, name: str, *, now: datetime) -> Model:
    """The model of that name, new where there is none. Raises InvalidModelName, QuotaExceeded, Duplicate."""
    slug = slug_of(name)
    found = uow.model_called(slug)
    if found is not None:
        return found
    for room in (1, -1):  # it counts from its first version on, so that a training that fails costs nothing
        uow.charge(Quota.MODELS, room)
    model = Model(id=ModelId(new_id()), tenant_id=actor.tenant_id, slug=slug, name=name, created_at=now)
    uow.add(model)
    uow.audit("model.created", model.id, after={"slug": slug})
    return model
