"""What the columns of a table are, and what each is for."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import Invalid, InvalidOption, NotFound


class Kind(StrEnum):
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    CATEGORY = "category"  # text with few distinct values
    TEXT = "text"  # text with many
    DATETIME = "datetime"
    NESTED = "nested"  # lists, structs, binary
    EMPTY = "empty"  # no value at all


class Role(StrEnum):
    FEATURE = "feature"
    ID = "id"
    TIME = "time"
    LABEL = "label"
    IGNORED = "ignored"


class UnknownMissingPolicy(InvalidOption):
    title = "No such policy for missing values"


class MissingPolicy(StrEnum):
    """What stands in for a missing or infinite value."""

    INDICATOR = "indicator"  # the median, and a 0/1 column that says where (default)
    MEDIAN = "median"
    ZERO = "zero"
    REFUSE = "refuse"

    @classmethod
    def named(cls, name: str | None) -> "MissingPolicy":
        """The policy of that name, INDICATOR for None. Raises UnknownMissingPolicy."""
        if name is None:
            return cls.INDICATOR
        known = [policy.value for policy in cls]
        if name not in known:
            raise UnknownMissingPolicy(
                f"The policy for missing values is {name!r}.", fix=f"Give one of {', '.join(known)}."
            )
        return cls(name)


class UnknownColumn(NotFound):
    title = "No such column"


class ColumnNotInDataset(Invalid):
    """A request names it, or its detector does: fact ``column``, and ``role``, its place among the choices (features, 2)."""

    title = "The rows have no such column"


class RolesOutdated(Invalid):
    title = "The dataset's own columns do not fit its rows"


class NoUsableColumn(Invalid):
    title = "No column can be used"


class SchemaMismatch(Invalid):
    title = "The columns are not those the model was trained on"


class MissingRefused(Invalid):
    title = "Values are missing"


class ConflictingRoles(InvalidOption):
    title = "A column was given two roles"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a column, and why, in words for the person whose data it is."""

    column: str
    kind: Kind
    role: Role
    reason: str  # "numeric", "unique per row: an identifier", "constant: 3.0 in every row", ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoices:
    """What the caller decided about columns; everything else is inferred."""

    features: tuple[str, ...] | None = None  # only these, when given
    ignore: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    label: str | None = None
    categorical: tuple[str, ...] = ()  # read as categories though they look numeric
    missing: MissingPolicy = MissingPolicy.INDICATOR

    def given(self) -> dict[str, str | list[str]]:
        """What is not left to be inferred, as JSON has it."""
        usual, found = ColumnChoices(), {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value != getattr(usual, name):
                found[name] = list(value) if isinstance(value, tuple) else str(value)
        return found
