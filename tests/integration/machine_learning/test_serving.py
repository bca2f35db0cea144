"""Loaded models: the right one, once, and no more than there is room for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from anomaly_detection.api import FittedModel, ModelFiles
from core.application.files import FileKind
from core.domain.errors import NotFound
from core.domain.ids import TenantId, new_id
from core.domain.public_ids import shown
from machine_learning.application.registry.stored_models import ModelFileLost, StoredModels
from machine_learning.infrastructure.registry.serving import CachedModels
from tests.support.registry import ROWS, Desk


@dataclass
class CountedFiles:
    """``ModelFiles`` that says how often it loaded."""

    files: ModelFiles
    loaded: list[Path] = field(default_factory=list)

    def load(self, path: Path) -> FittedModel:
        self.loaded.append(path)
        return self.files.load(path)

    def check_can_save(self, algorithm: str, path: Path, *, force: bool = False) -> None:
        self.files.check_can_save(algorithm, path, force=force)

    def save(self, model: FittedModel, path: Path, *, force: bool = False) -> None:
        self.files.save(model, path, force=force)

    def verify(self, path: Path) -> None:
        self.files.verify(path)


@dataclass
class Stopwatch:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Cache:
    desk: Desk
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    most_models: int = 64

    def __post_init__(self) -> None:
        self.files = CountedFiles(self.desk.registry.stored.models)
        stored = StoredModels(self.desk.files, self.files)
        database = self.desk.storage.database
        self.models = CachedModels(database, stored, self.stopwatch, most_models=self.most_models)

    def reference(self, text: str) -> str:
        return self.models.served(self.desk.ana.tenant_id, text).reference


def test_a_model_scores_as_it_was_trained(desk: Desk) -> None:
    desk.trained()
    served = Cache(desk).models.served(desk.ana.tenant_id, "pumps")
    odd = pl.DataFrame({"a": [0.0, 50.0], "b": [0.0, 50.0], "c": [0.0, 50.0]})
    usual_score, odd_score = served.fitted.scores(odd)
    assert odd_score >= 0.8 > usual_score
    assert served.fitted.training.rows == len(ROWS)


def test_every_way_to_name_a_version_finds_it(desk: Desk) -> None:
    desk.trained()
    desk.trained(seed=1)
    tenant_id, registry = desk.ana.tenant_id, desk.registry
    registry.point_alias(desk.ana, "pumps", alias="challenger", number=2, version=None)
    model, second = registry.models.model(tenant_id, "pumps"), registry.models.version(tenant_id, "pumps", 2)
    cache = Cache(desk)
    ids = shown("mdl", model.id), shown("mv", second.id)
    champion = ("pumps", "pumps@champion", "pumps:1", ids[0], f"{ids[0]}@champion")
    assert {cache.reference(name) for name in champion} == {"pumps:1"}
    challenger = ("pumps@challenger", "pumps:2", ids[1], f"{ids[0]}:2")
    assert {cache.reference(name) for name in challenger} == {"pumps:2"}


def test_what_names_nothing_is_not_found(desk: Desk) -> None:
    desk.trained()
    cache = Cache(desk)
    for name in ("", "nope", "pumps:2", "pumps:x", "pumps@best", "pumps\x00", "a/b", shown("mv", new_id())):
        with pytest.raises(NotFound):
            cache.reference(name)
    other = TenantId(new_id())
    with pytest.raises(NotFound):
        cache.models.served(other, "pumps")


def test_without_a_champion_the_newest_is_served(desk: Desk) -> None:
    desk.trained()
    desk.trained(seed=1)
    desk.registry.remove_alias(desk.ana, "pumps", alias="champion", version=None)
    assert Cache(desk).reference("pumps") == "pumps:2"


def test_threads_that_ask_at_once_share_one_load(desk: Desk) -> None:
    desk.trained()
    cache, start = Cache(desk), Barrier(8)

    def ask(_: int) -> FittedModel:
        start.wait()
        return cache.models.served(desk.ana.tenant_id, "pumps").fitted

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(cache.files.loaded) == 1
    assert all(fitted is found[0] for fitted in found)


def test_a_promotion_bites_within_a_second(desk: Desk) -> None:
    desk.trained()
    desk.trained(seed=1)
    cache = Cache(desk)
    assert cache.reference("pumps") == "pumps:1"
    desk.registry.point_alias(desk.ana, "pumps", alias="champion", number=2, version=None)
    cache.stopwatch.now += 1.0
    assert cache.reference("pumps") == "pumps:2"


def test_a_model_not_used_longest_makes_room(desk: Desk) -> None:
    for seed, name in enumerate(("one", "two", "three")):
        desk.trained(name, seed=seed)
    cache = Cache(desk, most_models=2)
    for name in ("one", "two", "one", "three", "one", "two"):
        cache.reference(name)
    figures = cache.models.figures
    assert (figures.models, figures.hits) == (2, 2)
    assert [figures.misses, len(cache.files.loaded)] == [4, 4]
    assert figures.size > 0


def test_equal_files_are_kept_loaded_once(desk: Desk) -> None:
    for name in ("one", "two"):
        desk.trained(name)
    cache = Cache(desk)
    assert [cache.reference(name) for name in ("one", "two")] == ["one:1", "two:1"]
    assert len(cache.files.loaded) == 1


def test_a_file_that_is_not_what_was_stored_is_never_loaded(desk: Desk) -> None:
    desk.trained()
    desk.trained(seed=1)
    first, second = (
        desk.files.path(
            desk.ana.tenant_id,
            FileKind.MODELS,
            desk.registry.models.version(desk.ana.tenant_id, "pumps", number).file,
        )
        for number in (1, 2)
    )
    first.write_bytes(second.read_bytes())  # whole and valid, but another model
    cache = Cache(desk)
    with pytest.raises(ModelFileLost) as refused:
        cache.reference("pumps:1")
    assert str(desk.files.root) not in str(refused.value)
    assert cache.files.loaded == []
    second.unlink()
    with pytest.raises(ModelFileLost):
        cache.reference("pumps:2")
