"""A registered model: a name, its versions, and the aliases that say which version does what."""

from dataclasses import dataclass, field
from datetime import datetime

from core.domain.errors import Conflict, Invalid, NotFound, Stale
from core.domain.ids import TenantId
from core.domain.slugs import slug_text
from machine_learning.domain.registry.ids import ModelId
from machine_learning.domain.registry.version import ModelVersion

CHAMPION = "champion"
MOST_ALIASES = 20
LONGEST_NOTE = 500  # characters
MOST_FORMER = 50  # champions that a rollback can go back through
RESERVED = frozenset({"new", "import", "imports"})  # addresses beside those of models


class InvalidModelName(Invalid):
    title = "A model cannot be called that"


class ModelNotFound(NotFound):
    title = "There is no such model"


class AliasNotFound(NotFound):
    title = "The model has no such alias"


class TooManyAliases(Conflict):
    title = "The model has as many aliases as it may"


class NoFormerChampion(Conflict):
    title = "There is no champion to go back to"


class VersionInUse(Conflict):
    title = "An alias names the version"


def no_model(reference: str) -> ModelNotFound:
    return ModelNotFound(f"No model is called {reference[:100]!r}.", fix="List them: GET /api/v1/models.")


def slug_of(name: str) -> str:
    """``Pumps, hall 7``: pumps-hall-7. Raises InvalidModelName."""
    slug = slug_text(name)
    if not slug:
        raise InvalidModelName(f"{name[:80]!r} has no letter or digit of ASCII.", fix="Use some in the name.")
    if slug in RESERVED:
        raise InvalidModelName(f"{slug!r} is a word of our own.", fix="Add another word to the name.")
    return slug


@dataclass(eq=False, kw_only=True)
class Model:
    """``slug`` is unique within the tenant and never changes. Aliases name versions by number."""

    id: ModelId
    tenant_id: TenantId
    slug: str
    name: str
    description: str = ""
    aliases: dict[str, int] = field(default_factory=dict)
    former_champions: list[int] = field(default_factory=list)  # the last one is the one before the present
    latest_number: int = 0
    created_at: datetime
    version: int = 1

    def require_version(self, version: int | None) -> None:
        """None: whatever it is. Raises Stale."""
        if version is not None and version != self.version:
            raise Stale(
                f"The model {self.slug} is at version {self.version}, not {version}.",
                fix="Read it again, then repeat.",
            )

    def next_number(self) -> int:
        self.latest_number += 1
        return self.latest_number

    def point(self, alias: str, version: ModelVersion) -> int | None:
        """Let the alias name the version; gives the number it named before. Raises NotServable, TooManyAliases."""
        version.require_servable()
        if alias not in self.aliases and len(self.aliases) >= MOST_ALIASES:
            raise TooManyAliases(f"{self.slug} has {MOST_ALIASES} aliases.", fix="Delete one first.")
        before = self.aliases.get(alias)
        if alias == CHAMPION and before is not None and before != version.number:
            self.former_champions = [*self.former_champions, before][-MOST_FORMER:]
        self.aliases = self.aliases | {alias: version.number}
        return before

    def unpoint(self, alias: str) -> int:
        """Take the alias away; gives the number it named. Raises AliasNotFound."""
        if alias not in self.aliases:
            raise AliasNotFound(f"{self.slug} has no alias {alias}.", fix="See its aliases: GET the model.")
        number = self.aliases[alias]
        if alias == CHAMPION:
            self.former_champions = [*self.former_champions, number][-MOST_FORMER:]
        self.aliases = {name: n for name, n in self.aliases.items() if name != alias}
        return number

    @property
    def former_champion(self) -> int:
        """Raises NoFormerChampion."""
        if not self.former_champions:
            raise NoFormerChampion(
                f"No champion before the present one of {self.slug} is left to go back to.",
                fix="Set one: PUT .../aliases/champion.",
            )
        return self.former_champions[-1]

    def roll_back(self, former: ModelVersion) -> int | None:
        """Make ``former_champion`` the champion again; gives the number that was it. Raises NotServable."""
        former.require_servable()
        before = self.aliases.get(CHAMPION)
        self.former_champions = self.former_champions[:-1]
        self.aliases = self.aliases | {CHAMPION: former.number}
        return before

    def require_unused(self, number: int) -> None:
        """Raises VersionInUse."""
        names = sorted(name for name, n in self.aliases.items() if n == number)
        if names:
            raise VersionInUse(
                f"Version {number} is {', '.join(names)}.",
                fix="Let these aliases name another version first.",
            )

    def forget(self, number: int) -> None:
        """A version goes. Raises VersionInUse."""
        self.require_unused(number)
        self.former_champions = [n for n in self.former_champions if n != number]
