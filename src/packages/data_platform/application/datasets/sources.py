"""Databases that datasets are fetched from. Their URLs are kept encrypted and never shown again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from core.application.files import TenantFiles
from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.ids import JobId, new_id
from core.domain.public_ids import shown
from data_platform.application.datasets.ports import DatasetsTransaction, RowFiles
from data_platform.application.datasets.store_version import StoreVersion, sha256_of
from data_platform.application.ports import Table
from data_platform.domain.datasets.dataset import slug_of
from data_platform.domain.datasets.ids import DatasetVersionId, SourceId
from data_platform.domain.datasets.source import Source, SourceKind, SourceNameTaken

FETCH = "dataset.fetch"
FIRST_ROWS = 1_000  # enough to tell what columns hold


class SourceDatabases(Protocol):
    def checked(self, url: str) -> tuple[SourceKind, str]:
        """What it is and where, without user and password. Raises InvalidDatabaseUrl."""

    def checked_query(self, query: str) -> str:
        """Raises InvalidQuery."""

    def fetch(self, url: str, query: str) -> Table:
        """Raises InvalidDatabaseUrl, HostNotAllowed, UnknownHost, QueryFailed, DatabaseUnreachable, TooManyRows."""

    def first(self, url: str, query: str, rows: int) -> Table:
        """Up to so many of its rows, or none where it takes longer than somebody waits. Raises as ``fetch`` does."""


class SecretStore(Protocol):
    def encrypt(self, secret: str) -> str: ...

    def decrypt(self, stored: str) -> str: ...


@dataclass(frozen=True, slots=True)
class CreateSource:
    uow: DatasetsTransaction
    databases: SourceDatabases
    secrets: SecretStore
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, *, name: str, url: str, query: str) -> SourceId:
        """Raises InvalidDatabaseUrl, InvalidQuery, InvalidDatasetName, SourceNameTaken."""
        kind, place = self.databases.checked(url)
        query = self.databases.checked_query(query) if query else ""
        slug = slug_of(name)
        with self.uow(actor) as uow:
            if uow.is_source_taken(slug):
                raise SourceNameTaken(f"A source is called {slug!r}.", fix="Choose another name.")
            source = Source(
                id=SourceId(new_id()),
                tenant_id=actor.tenant_id,
                slug=slug,
                name=name,
                kind=kind,
                place=place,
                url=self.secrets.encrypt(url),
                query=query,
                created_at=self.clock(),
            )
            uow.add(source)
            uow.audit("source.created", source.id, after={"slug": slug, "kind": kind.value, "place": place})
            uow.commit()
        return source.id


@dataclass(frozen=True, slots=True)
class ChangeSource:
    """None leaves it as it is."""

    uow: DatasetsTransaction
    databases: SourceDatabases
    secrets: SecretStore

    def __call__(
        self,
        actor: Actor,
        reference: str,
        *,
        version: int | None,
        name: str | None,
        url: str | None,
        query: str | None,
    ) -> None:
        """Raises SourceNotFound, Stale, InvalidDatabaseUrl, InvalidQuery."""
        found = None if url is None else self.databases.checked(url)
        query = self.databases.checked_query(query) if query else query
        with self.uow(actor) as uow:
            source = uow.source(reference)
            source.require_version(version)
            before = {"name": source.name, "place": source.place}
            source.name = source.name if name is None else name
            source.query = source.query if query is None else query
            if found is not None and url is not None:
                source.kind, source.place = found
                source.url = self.secrets.encrypt(url)
            after = {"name": source.name, "place": source.place}
            uow.audit("source.changed", source.id, before=before, after=after)
            uow.commit()


@dataclass(frozen=True, slots=True)
class DeleteSource:
    uow: DatasetsTransaction

    def __call__(self, actor: Actor, reference: str, *, version: int | None) -> None:
        """What was fetched from it stays. Raises SourceNotFound, Stale."""
        with self.uow(actor) as uow:
            source = uow.source(reference)
            source.require_version(version)
            uow.delete(source)
            uow.audit("source.deleted", source.id, before={"slug": source.slug})
            uow.commit()


@dataclass(frozen=True, slots=True)
class TrySource:
    """Whether the database can be reached and answers."""

    uow: DatasetsTransaction
    databases: SourceDatabases
    secrets: SecretStore

    def __call__(self, actor: Actor, reference: str) -> None:
        """Raises SourceNotFound, HostNotAllowed, UnknownHost, DatabaseUnreachable."""
        with self.uow(actor) as uow:
            url = uow.source(reference).url
            uow.audit("source.tested")
            uow.commit()
        self.databases.fetch(self.secrets.decrypt(url), "SELECT 1 AS one")


@dataclass(frozen=True, slots=True)
class LookAtSource:
    """The first rows of what a fetch would bring."""

    uow: DatasetsTransaction
    databases: SourceDatabases
    secrets: SecretStore

    def __call__(self, actor: Actor, reference: str, *, query: str | None) -> Table:
        """Raises SourceNotFound, InvalidQuery, HostNotAllowed, UnknownHost, DatabaseUnreachable, QueryFailed."""
        with self.uow(actor) as uow:
            source = uow.source(reference)
            statement = self.databases.checked_query(query or source.query)
            uow.audit("source.looked_at", source.id)
            uow.commit()
        return self.databases.first(self.secrets.decrypt(source.url), statement, FIRST_ROWS)


@dataclass(frozen=True, slots=True)
class StartFetch:
    """Ask for the rows of a query as the dataset's next version."""

    uow: DatasetsTransaction
    databases: SourceDatabases

    def __call__(self, actor: Actor, reference: str, *, source: str, query: str | None) -> JobId:
        """Raises DatasetNotFound, SourceNotFound, InvalidQuery."""
        with self.uow(actor) as uow:
            dataset, found = uow.dataset(reference), uow.source(source)
            statement = self.databases.checked_query(query or found.query)
            payload = {"dataset": dataset.slug, "source": shown("src", found.id), "query": statement}
            job_id = uow.enqueue(FETCH, payload, subject_id=dataset.id)
            uow.audit("dataset.fetch_started", dataset.id, after={"source": found.slug})
            uow.commit()
        return job_id


@dataclass(frozen=True, slots=True)
class FetchVersion:
    """Rows that have not changed since they were fetched before are the version they were."""

    uow: DatasetsTransaction
    files: TenantFiles
    databases: SourceDatabases
    secrets: SecretStore
    rows: RowFiles
    store: StoreVersion

    def __call__(
        self, actor: Actor, dataset: str, *, source: str, query: str, control: JobControl
    ) -> DatasetVersionId:
        """Raises DatasetNotFound, SourceNotFound, HostNotAllowed, QueryFailed, QuotaExceeded."""
        with self.uow(actor) as uow:
            found = uow.source(source)
        control.progress(0.1, "the query runs")
        table = self.databases.fetch(self.secrets.decrypt(found.url), query)
        control.progress(0.6, "storing rows")
        with self.files.staging(".parquet") as staged:
            stored = self.rows.write(table, staged, lambda rows: None)
            origin = {"source": found.slug, "query_sha256": sha256(query.encode()).hexdigest()}
            version_id, _ = self.store(
                actor,
                dataset,
                staged=staged,
                stored=stored,
                content_hash=sha256_of(staged),
                size=staged.stat().st_size,
                source=origin,
            )
        return version_id
