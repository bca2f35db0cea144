"""What a new server process imports first: little, so that it answers its parent while it still imports the rest. One that
does not is taken for hung, and replaced by another that would not be faster."""

from typing import TYPE_CHECKING

from core.infrastructure.job_child import die_with_parent
from core.infrastructure.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def application(settings: Settings) -> "ASGIApp":
    die_with_parent()
    from interfaces.bootstrap.application import application as made

    return made(settings)
