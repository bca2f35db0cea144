"""Changes of models and versions that are neither training nor aliases."""

from dataclasses import dataclass

from core.application.files import FileKind, TenantFiles
from core.application.quota import Quota
from core.domain.actor import Actor
from machine_learning.application.registry.ports import RegistryTransaction
from machine_learning.domain.registry.model import Model
from machine_learning.domain.registry.version import ModelVersion


@dataclass(frozen=True, slots=True)
class DescribeModel:
    """Change a model's name or description; None leaves it as it is. The slug stays."""

    uow: RegistryTransaction

    def __call__(
        self, actor: Actor, reference: str, *, version: int | None, name: str | None, description: str | None
    ) -> Model:
        """Raises ModelNotFound, Stale."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            model.require_version(version)
            before = {"name": model.name}
            model.name = model.name if name is None else name
            model.description = model.description if description is None else description
            uow.audit("model.changed", model.id, before=before, after={"name": model.name})
            uow.commit()
        return model


@dataclass(frozen=True, slots=True)
class DeleteModel:
    """A model with its versions, their files, its runs and its history."""

    uow: RegistryTransaction
    files: TenantFiles

    def __call__(self, actor: Actor, reference: str, *, version: int | None) -> None:
        """Raises ModelNotFound, Stale."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            model.require_version(version)
            files = [each.file for each in uow.versions(model)]
            uow.delete(model)
            if model.latest_number:
                uow.charge(Quota.MODELS, -1)
            uow.audit("model.deleted", model.id, before={"slug": model.slug, "versions": len(files)})
            uow.commit()
        for file in files:
            self.files.delete(actor.tenant_id, FileKind.MODELS, file)


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """A version that no alias names, and its file."""

    uow: RegistryTransaction
    files: TenantFiles

    def __call__(self, actor: Actor, reference: str, *, number: int, read: int | None) -> None:
        """``read``: the change of the version that the caller saw. Raises ModelNotFound, VersionNotFound, VersionInUse,
        Stale."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            version = uow.version(model, number)
            version.require_version(read)
            model.forget(number)
            uow.delete(version)
            before = {"model": model.slug, "number": number, "sha256": version.sha256}
            uow.audit("model_version.deleted", version.id, before=before)
            uow.commit()
        self.files.delete(actor.tenant_id, FileKind.MODELS, version.file)


@dataclass(frozen=True, slots=True)
class ArchiveVersion:
    """Take a version that no alias names out of use, or back."""

    uow: RegistryTransaction

    def __call__(
        self, actor: Actor, reference: str, *, number: int, archived: bool, read: int | None
    ) -> ModelVersion:
        """As ``DeleteVersion``; raises NotServable for one in quarantine."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            version = uow.version(model, number)
            version.require_version(read)
            if archived:
                model.require_unused(number)
            before = {"state": version.state.value}
            version.archive(archived=archived)
            uow.audit(
                "model_version.changed", version.id, before=before, after={"state": version.state.value}
            )
            uow.commit()
        return version


@dataclass(frozen=True, slots=True)
class AcceptVersion:
    """Let an imported version out of quarantine."""

    uow: RegistryTransaction

    def __call__(self, actor: Actor, reference: str, *, number: int) -> ModelVersion:
        """Raises ModelNotFound, VersionNotFound, NotQuarantined."""
        with self.uow(actor) as uow:
            model = uow.model(reference)
            version = uow.version(model, number)
            version.accept()
            after = {"model": model.slug, "number": number, "sha256": version.sha256}
            uow.audit("model_version.accepted", version.id, after=after)
            uow.commit()
        return version
