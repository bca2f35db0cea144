"""What lists of datasets say of the newest versions."""

from pathlib import Path

from core.domain.ids import TenantId, new_id
from core.infrastructure.sql import Storage
from data_platform.domain.datasets.dataset import VersionState
from tests.support.dataset_desk import CSV, dataset_desk


def test_each_dataset_has_its_last_state_and_the_quality_of_what_can_be_read(
    storage: Storage, tmp_path: Path
) -> None:
    desk = dataset_desk(storage, tmp_path)
    for name in ("orders", "empty"):
        desk.call("POST", "/datasets", json={"name": name})
    tenant_id = desk.ana.tenant_id
    page = desk.service.queries.page(tenant_id, search=None, sort="name", limit=10, cursor=None)
    ids = {view.slug: view.id for view in page.items}

    desk.upload(CSV)
    fresh = desk.service.queries.newest(tenant_id, list(ids.values()))
    assert fresh.keys() == {ids["orders"]}
    assert (fresh[ids["orders"]].quality, fresh[ids["orders"]].columns) == (None, 3)

    desk.run_jobs()
    [orders] = desk.service.queries.newest(tenant_id, [ids["orders"]]).values()
    assert (orders.state, orders.quality) == (VersionState.READY, 100)
    assert orders.stored_at is not None

    assert not desk.service.queries.newest(TenantId(new_id()), list(ids.values()))
    assert not desk.service.queries.newest(tenant_id, [])
