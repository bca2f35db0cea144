"""A tenant to look around in: people of every role, a dataset, a model, a run, an API key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anomaly_detection.api import ByDetector, Definitions, DetectorConfiguration, Runs
from core.application.files import TenantFiles
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId
from data_platform.api import Datasets
from enterprise.api import Enterprise, Plan
from interfaces.application.demo_access import MEMBERS, OPERATOR, SLUG, DemoAccess, address_of
from interfaces.application.load_sample import SLUG as DATASET
from interfaces.application.load_sample import LoadSample
from machine_learning.api import ModelRegistry
from people_ops.api import PeopleOps

MODEL = "payments"
DETECTOR = "odd-payments"
ALGORITHMS = ("ecod", "lof")  # of its versions; the second one challenges the first
KEY_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDemo:
    """``work`` returns when the tenant's jobs are done."""

    enterprise: Enterprise
    people: PeopleOps
    datasets: Datasets
    registry: ModelRegistry
    detectors: Definitions
    runs: Runs
    files: TenantFiles
    new_password: Callable[[], str]
    work: Callable[[TenantId], None]

    def __call__(self, console: Actor) -> DemoAccess | None:
        """None where there is a demo already."""
        self.enterprise.ensure_platform()
        if self.enterprise.tenants.named(SLUG) is not None:
            return None
        tenant_id = self.enterprise.create_tenant(console.within(PLATFORM), SLUG, name="Demo", plan=Plan.TEAM)
        actor, password = console.within(tenant_id), self.new_password()
        people = {address_of(name): roles for name, roles in MEMBERS.items()}
        for email, roles in people.items():
            self._add(actor, email, password, roles)
        operator = address_of(OPERATOR)
        self._add(console.within(PLATFORM), operator, password, [OPERATOR])
        key = self.people.create_key(
            actor, name="demo", scopes=["ingest", "read", "label", "manage"], days=KEY_DAYS
        )
        self._find_anomalies(actor)
        shown = {email: ", ".join(roles) for email, roles in people.items()} | {operator: OPERATOR}
        return DemoAccess(people=shown, password=password, key=key.key)

    def _add(self, actor: Actor, email: str, password: str, roles: Sequence[str]) -> None:
        name = email.partition("@")[0].capitalize()
        self.people.add_member(actor, email=email, name=name, password=password, roles=roles)

    def _find_anomalies(self, actor: Actor) -> None:
        """A dataset, two versions of a model measured on its labels, and two runs over it: of a detector and of ``auto``."""
        LoadSample(self.datasets, self.runs, self.files).add_dataset(actor)
        self.work(actor.tenant_id)
        champion, challenger = ALGORITHMS
        self._train(actor, champion)
        self.detectors.define(
            actor,
            DetectorConfiguration(algorithm="knn", contamination=0.005),
            name="Odd payments",
            slug=DETECTOR,
            description="One payment in 200, by its distance to its nearest neighbours.",
            dataset=DATASET,
        )
        self.runs.start(actor, ByDetector(DETECTOR), dataset=None, number=None)
        self.work(actor.tenant_id)
        self._train(actor, challenger)
        self.runs.start(actor, DetectorConfiguration(), dataset=DATASET, number=None)
        self.work(actor.tenant_id)
        self.registry.point_alias(actor, MODEL, alias="challenger", number=2, version=None)

    def _train(self, actor: Actor, algorithm: str) -> None:
        configuration = DetectorConfiguration(algorithm=algorithm)
        self.registry.start_training(
            actor, dataset=DATASET, name=MODEL, configuration=configuration, columns={}
        )
