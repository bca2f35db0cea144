"""The context's kinds of jobs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.domain.public_ids import shown
from machine_learning.api import ModelRegistry
from machine_learning.application.registry.evaluate_version import EVALUATE
from machine_learning.application.registry.import_model import IMPORT
from machine_learning.application.registry.start_training import TRAIN
from machine_learning.domain.registry.ids import EvaluationId, TrainingRunId
from machine_learning.domain.registry.version import ModelVersion


def job_handlers(registry: ModelRegistry) -> Mapping[str, JobHandler]:
    def train(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        return _made(registry.carry_out_training(actor, _run(payload), control))

    def check_import(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        return _made(registry.check_import(actor, _run(payload), control))

    def evaluate(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        evaluation_id = EvaluationId(UUID(payload["evaluation_id"]))
        registry.carry_out_evaluation(actor, evaluation_id, control)
        return {"evaluation_id": shown("evl", evaluation_id)}

    return {TRAIN: train, IMPORT: check_import, EVALUATE: evaluate}


def _run(payload: Mapping[str, Any]) -> TrainingRunId:
    return TrainingRunId(UUID(payload["training_run_id"]))


def _made(version: ModelVersion) -> dict[str, Any]:
    return {"model_version_id": shown("mv", version.id), "number": version.number}
