"""The demo's tenant and who is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLUG = "demo"
# ana is the person of the guides; everyone else has one role.
MEMBERS: Mapping[str, Sequence[str]] = {
    "ana": ("analyst", "data_scientist"),
    "viewer": ("viewer",),
    "analyst": ("analyst",),
    "scientist": ("data_scientist",),
    "admin": ("tenant_admin",),
}
OPERATOR = "operator"


def address_of(name: str) -> str:
    return f"{name}@demo.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccess:
    """What the demo's visitors need; all people have the same password."""

    people: Mapping[str, str]  # e-mail: what they are
    password: str
    key: str
