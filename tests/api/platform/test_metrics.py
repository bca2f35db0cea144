import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.database import open_database
from core.infrastructure.metrics import MOST_SERIES, Metrics
from enterprise.api import Enterprise
from interfaces.bootstrap.database import database_url
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.metrics import CacheCounts, metrics_text
from interfaces.bootstrap.service import Service
from interfaces.bootstrap.worker import count_job
from interfaces.presentation.metrics_http import MetricsPort

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str | bytes) -> Samples:
    text = text if isinstance(text, str) else text.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figures(service: Service) -> Samples:
    return samples(metrics_text(service).of("")[0])


def of(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"anomaly_detection_{name}", tuple(sorted(labels.items()))))


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/metrics"])
def test_only_operators_may_read_them_on_the_api_s_port(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path).status_code == 401


def test_requests_are_counted_by_the_template_of_their_route(
    anonymous: TestClient, whole_service: Service
) -> None:
    for dataset in ("one", "two"):
        anonymous.get(f"/api/v1/datasets/{dataset}")
    anonymous.get("/made-up/by-the-caller")
    anonymous.request("BREW", "/livez")
    found = figures(whole_service)
    assert of(found, "requests_total", method="GET", endpoint="/api/v1/datasets/{dataset}", status="401") == 2
    assert of(found, "requests_total", method="GET", endpoint="none", status="404") == 1
    assert (
        of(found, "request_duration_seconds_count", method="GET", endpoint="/api/v1/datasets/{dataset}") == 2
    )
    methods = {dict(labels).get("method") for name, labels in found if name.endswith("requests_total")}
    assert methods == {"GET", "other"}
    assert "made-up" not in str(found)


def test_what_is_stored_is_counted_without_names(whole_service: Service) -> None:
    enterprise: Enterprise = whole_service.bundles[Enterprise]
    enterprise.ensure_platform()
    tenant_id = enterprise.create_tenant(Actor(tenant_id=PLATFORM), "acme")
    enterprise.start_export(Actor(tenant_id=tenant_id))
    found = figures(whole_service)
    assert of(found, "jobs", state="queued") == 1
    assert of(found, "jobs", state="running") == 0
    assert of(found, "queue_depth") == 1
    assert of(found, "tenants", state="active") == 2
    assert of(found, "audit_entries_total") == 4
    assert "acme" not in str(found)


def test_a_job_counts_its_time_and_what_it_found(whole_service: Service) -> None:
    result = {"anomalies": 7, "algorithm": "hbos", "dataset_id": "ds_1"}
    count_job(whole_service.metrics, "detection.run", JobState.SUCCEEDED, 2.5, result)
    count_job(whole_service.metrics, "detection.run", JobState.FAILED, 0.5, {})
    found = figures(whole_service)
    assert of(found, "anomalies_detected_total", algorithm="hbos", dataset="ds_1") == 7
    assert of(found, "job_duration_seconds_sum", kind="detection.run", state="succeeded") == 2.5
    assert of(found, "job_duration_seconds_count", kind="detection.run", state="failed") == 1


def test_series_that_tenants_make_up_are_bounded() -> None:
    metrics = Metrics()
    for number in range(MOST_SERIES + 10):
        metrics.count_anomalies("hbos", f"ds_{number}", 1)
    found = samples(metrics.text("", lambda: iter(()))[0])
    series = [labels for name, labels in found if name.endswith("anomalies_detected_total")]
    assert len(series) == MOST_SERIES + 1
    assert of(found, "anomalies_detected_total", algorithm="other", dataset="other") == 10


def test_looks_into_the_loaded_models_are_carried_over(whole_service: Service) -> None:
    count = CacheCounts(whole_service)
    registry_figures = count._figures
    registry_figures.hits, registry_figures.misses, registry_figures.size = 3, 1, 1000
    count()
    registry_figures.hits = 5
    count()
    found = figures(whole_service)
    assert of(found, "model_cache_total", result="hit") == 5
    assert of(found, "model_cache_total", result="miss") == 1
    assert of(found, "model_cache_bytes", of="models") == 1000


def test_figures_whose_source_is_away_are_left_out(whole_service: Service) -> None:
    whole_service.metrics.observe_request("GET", "/x", 200, 0.1)
    settings = whole_service.settings
    owner = open_database(settings.get("database.migration_url") or database_url(settings))
    with owner.app.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE core_jobs RENAME TO away")
    owner.dispose()
    found = figures(whole_service)
    assert of(found, "jobs", state="queued") is None
    assert of(found, "tenants", state="active") is not None
    assert of(found, "requests_total", method="GET", endpoint="/x", status="200") == 1


@pytest.fixture
def metrics_port(whole_service: Service) -> TestClient:
    app = MetricsPort(create_app(whole_service), 9100, metrics_text(whole_service))
    return TestClient(app, base_url="http://localhost:9100")


def test_a_port_of_their_own_serves_them_to_anybody_and_nothing_else(
    metrics_port: TestClient, whole_service: Service
) -> None:
    answer = metrics_port.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert of(samples(answer.text), "tenants", state="active") is not None
    assert metrics_port.get("/livez").status_code == 404
    assert metrics_port.post("/metrics").status_code == 404
    on_api = TestClient(metrics_port.app, base_url="http://localhost:8000")
    assert on_api.get("/livez").status_code == 204
    assert on_api.get("/metrics").status_code == 401
