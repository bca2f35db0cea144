"""A model file from elsewhere becomes a version in quarantine, once it was loaded where nothing else can come to harm."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anomaly_detection.api import ModelFiles
from core.application.files import FileKind, TenantFiles
from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Invalid, NotFound, TooLarge
from core.domain.ids import new_id
from machine_learning.application.registry.ports import RegistryTransaction
from machine_learning.application.registry.register_version import Candidate, RegisterVersion
from machine_learning.application.registry.start_training import registered
from machine_learning.application.registry.stored_models import nameless
from machine_learning.domain.registry.ids import TrainingRunId
from machine_learning.domain.registry.model import slug_of
from machine_learning.domain.registry.training import RunKind, TrainingRun
from machine_learning.domain.registry.version import ModelVersion, VersionState

IMPORT = "model.import"
LARGEST_IMPORT = 512 * 2**20  # bytes; its largest part is in memory while its hash is checked


class UnusableModelFile(Invalid):
    title = "The file is not a usable model"


class ModelFileTooLarge(TooLarge):
    title = "The model file is too large"


@dataclass(frozen=True, slots=True)
class StartImport:
    """Check an uploaded file's form and hashes, without loading it, and ask for the rest."""

    uow: RegistryTransaction
    models: ModelFiles
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, *, name: str, staged: Path) -> TrainingRun:
        """``staged`` is moved. Raises ModelFileTooLarge, UnusableModelFile, InvalidModelName, QuotaExceeded."""
        slug_of(name)
        self._check(staged)
        run_id = TrainingRunId(new_id())
        with self.uow(actor) as uow:
            model = registered(uow, actor, name, now=self.clock())
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            run = TrainingRun(
                id=run_id,
                tenant_id=actor.tenant_id,
                model_id=model.id,
                kind=RunKind.IMPORT,
                configuration={},
                dataset=None,
                dataset_version_id=None,
                job_id=uow.enqueue(IMPORT, {"training_run_id": str(run_id)}, subject_id=run_id),
                user_id=actor.user_id,
                key_id=actor.key_id,
                created_at=self.clock(),
            )
            self.files.keep(actor.tenant_id, FileKind.MODELS, run.upload, staged)
            uow.add(run)
            uow.audit("model.import_started", run_id, after={"model": model.slug})
            uow.commit()
        return run

    def _check(self, staged: Path) -> None:
        """Raises ModelFileTooLarge, UnusableModelFile."""
        if staged.stat().st_size > LARGEST_IMPORT:
            raise ModelFileTooLarge(
                f"It is larger than {LARGEST_IMPORT:,} bytes.",
                fix="Train on fewer rows, or another algorithm.",
            )
        try:
            self.models.verify(staged)
        except (Invalid, NotFound) as error:
            raise UnusableModelFile(nameless(error, staged), fix=error.fix) from error


@dataclass(frozen=True, slots=True)
class CheckImport:
    """The job behind an import: loads the file, which nothing but the job's own process does before it is accepted."""

    uow: RegistryTransaction
    models: ModelFiles
    register: RegisterVersion
    files: TenantFiles

    def __call__(self, actor: Actor, run_id: TrainingRunId, control: JobControl) -> ModelVersion:
        """Raises TrainingRunNotFound, UnusableModelFile, LostClaim."""
        with self.uow(actor) as uow:
            run, version = uow.run(run_id), uow.version_from(run_id)
        if version is None:
            control.progress(0.1, "loading")
            version = self._registered(actor, run)
        self.files.delete(actor.tenant_id, FileKind.MODELS, run.upload)
        return version

    def _registered(self, actor: Actor, run: TrainingRun) -> ModelVersion:
        upload = self.files.path(actor.tenant_id, FileKind.MODELS, run.upload)
        with self.files.staging(".model") as staged:
            try:
                fitted = self.models.load(upload)
                shutil.copyfile(upload, staged)
            except (Invalid, NotFound) as error:
                self.files.delete(actor.tenant_id, FileKind.MODELS, run.upload)
                raise UnusableModelFile(nameless(error, upload), fix=error.fix) from error
            candidate = Candidate(fitted=fitted, staged=staged, state=VersionState.QUARANTINED)
            return self.register(actor, run, candidate)
