"""The context's kinds of jobs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.domain.public_ids import shown
from data_platform.api import Datasets, DatasetVersionId
from data_platform.application.datasets.profile_version import PROFILE
from data_platform.application.datasets.sources import FETCH
from data_platform.application.datasets.upload_version import INGEST


def job_handlers(datasets: Datasets) -> Mapping[str, JobHandler]:
    def ingest(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        version_id = _version(payload)
        datasets.ingest(actor, version_id, control)
        return _made(version_id)

    def profile(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        version_id = _version(payload)
        datasets.profile(actor, version_id, control)
        return _made(version_id)

    def fetch(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        source, query = payload["source"], payload["query"]
        return _made(datasets.fetch(actor, payload["dataset"], source=source, query=query, control=control))

    return {INGEST: ingest, PROFILE: profile, FETCH: fetch}


def _version(payload: Mapping[str, Any]) -> DatasetVersionId:
    return DatasetVersionId(UUID(payload["version_id"]))


def _made(version_id: DatasetVersionId) -> dict[str, Any]:
    return {"dataset_version_id": shown("dsv", version_id)}
