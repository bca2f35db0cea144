"""A first dataset for somebody who has none: the demo's payments, in their own tenant."""

from dataclasses import dataclass

from anomaly_detection.api import DetectorConfiguration, RunId, Runs
from core.application.files import TenantFiles
from core.domain.actor import Actor
from core.domain.errors import Conflict
from data_platform.api import DatasetNotFound, Datasets
from interfaces.application.sample_payments import card_payments

SLUG = "card-payments"


class SampleLoaded(Conflict):
    title = "The sample is there already"


@dataclass(frozen=True, slots=True)
class LoadSample:
    datasets: Datasets
    runs: Runs
    files: TenantFiles

    def __call__(self, actor: Actor) -> RunId:
        """The run of ``auto`` over it, which has been queued. Raises SampleLoaded, QuotaExceeded, RateExceeded."""
        try:
            self.datasets.queries.get(actor.tenant_id, SLUG)
        except DatasetNotFound:
            self.add_dataset(actor)
            return self.runs.start(actor, DetectorConfiguration(), dataset=SLUG, number=None)
        raise SampleLoaded(f"There is a dataset {SLUG}.", fix="Open it under Datasets.")

    def add_dataset(self, actor: Actor) -> None:
        self.datasets.create(
            actor,
            name="Card payments",
            slug=SLUG,
            description="Sample: a month of made-up card payments; 15 of 3,000 are planted.",
            columns={"label": "label", "id": "payment_id", "time": "paid_at"},
        )
        with self.files.staging(".csv") as path:
            card_payments().write_csv(path)
            self.datasets.upload(actor, SLUG, raw=path)
