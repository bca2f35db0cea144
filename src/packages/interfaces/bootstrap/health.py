"""What this process stands on, each as something to try."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from redis import Redis
from sqlalchemy import select

from core.domain.errors import Unwritable
from core.infrastructure.database import Purpose
from interfaces.bootstrap.service import Service
from interfaces.presentation.health_http import Health
from machine_learning.api import ModelRegistry

REDIS_ANSWERS_WITHIN_S = 2.0


def health_of(service: Service) -> Health:
    return Health(version("anomaly_detection"), checks_of(service), service.storage.clock)


def checks_of(service: Service) -> Mapping[str, Callable[[], object]]:
    """Each raises where what it is named for does not work."""
    registry: ModelRegistry = service.bundles[ModelRegistry]
    redis_url = service.settings.get("redis.url")

    def database() -> None:
        with service.storage.database.as_system(Purpose.HEALTH) as session:
            session.execute(select(1))
        if service.storage.database.is_read_only:
            raise Unwritable("The database is read-only.")

    def disk() -> None:
        with service.files.staging() as path:
            path.write_bytes(b"written")

    def redis() -> None:
        with Redis.from_url(
            redis_url,
            socket_connect_timeout=REDIS_ANSWERS_WITHIN_S,
            socket_timeout=REDIS_ANSWERS_WITHIN_S,
        ) as client:
            client.ping()

    found: dict[str, Callable[[], object]] = {
        "database": database,
        "queue": service.queue.open().depth,
        "disk": disk,
        "models": registry.check_files,
    }
    return found | {"redis": redis} if redis_url else found
