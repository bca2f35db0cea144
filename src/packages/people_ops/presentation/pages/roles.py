"""Roles: those that come with the product, and the tenant's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError, Forbidden, Stale
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.forms import problem, refused, status_of
from core.presentation.http import requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form
from core.presentation.parts import (
    Cell,
    Column,
    EmptyState,
    Field,
    Link,
    Notice,
    Option,
    Row,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.ports import RoleView
from people_ops.domain.role import NoSuchPermission, RoleId, RoleInUse, RoleNameTaken, RoleNotFound
from people_ops.presentation.members_http import OneRole, RoleChange, RoleIn
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    ConfirmPage,
    Misfit,
    confirm_page,
    fitting,
    marked,
    settings_pages,
    tabs_of,
)

router: APIRouter = settings_pages("members:read")
WRITING = [requires("roles:write")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesPage:
    tabs: tuple[Tab, ...]
    roles: Table
    matrix: Table
    new_href: str  # empty: they may not


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage:
    tabs: tuple[Tab, ...]
    title: str
    problem: Notice | None
    fields: tuple[Field, ...]
    version: int
    action: str
    remove_href: str


@with_twins(router, "/roles")
def roles(visit: Here, people: Bundle, asked: Asked) -> Response:
    found = people.queries.roles(visit.actor.tenant_id)
    listing, page = _listing(visit), Page(tuple(found), None)
    if asked.form:
        return listing.twin(asked.form, lambda cursor: page)
    none = EmptyState(code="first-use", title="No roles", text="Roles appear here.")
    context = RolesPage(
        tabs=tabs_of(visit),
        roles=listing.table(visit, page, empty=none),
        matrix=_matrix(found),
        new_href=visit.url("settings", "roles", "new") if visit.may("roles:write") else "",
    )
    return visit.page("people_ops/roles.html", context, title="Roles")


@router.get("/roles/new", dependencies=WRITING)
def ask(visit: Here) -> Response:
    return _page(visit, _fields(visit, "", []))


@router.post("/roles/new", dependencies=WRITING)
def create(visit: Here, form: Form, people: Bundle) -> Response:
    name, permissions = form.text("name"), form.all("permissions")
    fields = _fields(visit, name, permissions)
    try:
        body = fitting(RoleIn, {"name": name, "permissions": permissions})
        people.create_role(visit.actor, name=body.name, permissions=body.permissions)
    except Misfit as misfit:
        return _page(visit, marked(fields, misfit.wrong), status=422)
    except (RoleNameTaken, NoSuchPermission, Forbidden) as error:
        at = "name" if isinstance(error, RoleNameTaken) else "permissions"
        return _page(visit, refused(fields, error, at=at), error)
    return visit.go(visit.url("settings", "roles"), f"The role {body.name} is made: give it to people.")


@router.get("/roles/{role}", dependencies=WRITING)
def show(role: OneRole, visit: Here, people: Bundle) -> Response:
    found = _one(visit, people, role)
    return _page(visit, _fields(visit, None, found.permissions), role=found)


@router.post("/roles/{role}", dependencies=WRITING)
def change(role: OneRole, visit: Here, form: Form, people: Bundle) -> Response:
    found, permissions = _one(visit, people, role), form.all("permissions")
    fields = _fields(visit, None, permissions)
    try:
        body = fitting(RoleChange, {"permissions": permissions})
        people.change_role(
            visit.actor,
            role,
            permissions=body.permissions,
            version=form.version,
        )
    except Misfit as misfit:
        return _page(visit, marked(fields, misfit.wrong), role=found, status=422)
    except (NoSuchPermission, Forbidden, Stale) as error:
        return _page(visit, fields, error, role=found)
    return visit.go(visit.url("settings", "roles"), f"The role {found.name} is changed.")


@router.get("/roles/{role}/remove", dependencies=WRITING)
def confirm_removal(role: OneRole, visit: Here, people: Bundle) -> Response:
    found = _one(visit, people, role)
    page = ConfirmPage(
        title=f"Remove the role {found.name}",
        notes=("Nobody may have it any more: change its people first.",),
        action=visit.url("settings", "roles", shown("role", role), "remove"),
        button="Remove",
        back=Link("Cancel", visit.url("settings", "roles", shown("role", role))),
    )
    return confirm_page(visit, page)


@router.post("/roles/{role}/remove", dependencies=WRITING)
def remove(role: OneRole, visit: Here, people: Bundle) -> Response:
    found = _one(visit, people, role)
    try:
        people.remove_role(visit.actor, role)
    except RoleInUse as error:
        return _page(visit, _fields(visit, None, found.permissions), error, role=found)
    return visit.go(visit.url("settings", "roles"), f"The role {found.name} is gone.")


def _one(visit: Visit, people: PeopleOps, role_id: RoleId) -> RoleView:
    for each in people.queries.roles(visit.actor.tenant_id):
        if each.id == role_id:
            return each
    raise RoleNotFound("There is none with that id.", fix="List the roles.")


def _listing(visit: Visit) -> Listing[RoleView]:
    def name(role: RoleView) -> Cell:
        if role.id is None or not visit.may("roles:write"):
            return Text(role.name)
        return Link(role.name, visit.url("settings", "roles", shown("role", role.id)))

    columns: list[ListColumn[RoleView]] = [
        ListColumn(title="Role", name="name", cell=name, value=lambda r: r.name),
        ListColumn(
            title="Origin", name="built_in", cell=lambda r: Text(_origin(r)), value=lambda r: r.id is None
        ),
        ListColumn(
            title="Permissions",
            name="permissions",
            cell=lambda r: Text(str(len(r.permissions))),
            value=lambda r: r.permissions,
            numeric=True,
        ),
    ]
    return Listing(id="roles", caption="Roles of this tenant", columns=columns, key=lambda r: r.name)


def _origin(role: RoleView) -> str:
    return "comes with the product" if role.id is None else "your own"


def _matrix(roles: Sequence[RoleView]) -> Table:
    every = sorted({permission for role in roles for permission in role.permissions})
    return Table(
        id="matrix",
        caption="Permissions by role",
        columns=(Column("Permission"), *(Column(role.name) for role in roles)),
        rows=tuple(
            Row(
                permission,
                (
                    Text(permission),
                    *(Text("✓ yes" if permission in role.permissions else "-") for role in roles),
                ),
            )
            for permission in every
        ),
    )


def _page(
    visit: Visit,
    fields: tuple[Field, ...],
    error: DomainError | None = None,
    *,
    role: RoleView | None = None,
    status: int = 200,
) -> Response:
    at = shown("role", role.id) if role and role.id else ""
    page = RolePage(
        tabs=tabs_of(visit),
        title=role.name if role else "Make a role",
        problem=problem(fields, error),
        fields=fields,
        version=role.version if role else 0,
        action=visit.url("settings", "roles", at or "new"),
        remove_href=visit.url("settings", "roles", at, "remove") if at else "",
    )
    crumbs = (Link("Roles", visit.url("settings", "roles")), Link(page.title, ""))
    return visit.page(
        "people_ops/role.html",
        page,
        title=page.title,
        crumbs=crumbs,
        status=status_of(error) if error else status,
    )


def _fields(visit: Visit, name: str | None, chosen: Sequence[str]) -> tuple[Field, ...]:
    """``name`` None: it is given already. Nobody gives what they have not."""
    every = sorted(visit.actor.permissions | set(chosen))
    permissions = Field(
        name="permissions",
        label="Permissions",
        kind="checkboxes",
        options=tuple(Option(each, each, each in chosen) for each in every),
    )
    if name is None:
        return (permissions,)
    hint = "Small letters, digits and _, such as night_shift."
    return (Field(name="name", label="Name", value=name, hint=hint, required=True), permissions)
