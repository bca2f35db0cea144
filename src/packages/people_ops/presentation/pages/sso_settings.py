"""Single sign-on of a tenant: where its people's identity provider is, and whom it lets in."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError, Stale
from core.presentation.forms import problem, refused
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import Field, Link, Notice, Tab
from core.presentation.visit import Here, Visit, with_query
from people_ops.api import PeopleOps
from people_ops.application.configure_sso import ClientSecretNeeded, SsoChoice
from people_ops.application.invite_member import MoreThanYouMay
from people_ops.domain.role import NoSuchRole
from people_ops.domain.single_sign_on import InvalidIssuer, NoSingleSignOn, SingleSignOn
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    ConfirmPage,
    Misfit,
    confirm_page,
    fitting,
    marked,
    roles_field,
    settings_pages,
    tabs_of,
)
from people_ops.presentation.sso_bodies import SsoIn

router: APIRouter = settings_pages("sso:write")
FIELD_OF: dict[type[DomainError], str] = {
    InvalidIssuer: "issuer",
    ClientSecretNeeded: "client_secret",
    NoSuchRole: "default_roles",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SsoPage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    callback: str
    login: str  # empty while there is none
    fields: tuple[Field, ...]
    version: int
    action: str
    remove_href: str


@router.get("/sso")
def show(visit: Here, people: Bundle) -> Response:
    return _page(visit, people, people.ways_in.sso_of(visit.actor.tenant_id))


@router.post("/sso")
def configure(visit: Here, form: Form, people: Bundle) -> Response:
    before = people.ways_in.sso_of(visit.actor.tenant_id)
    try:
        body = fitting(SsoIn, _entered(form))
        choice = SsoChoice(
            issuer=body.issuer,
            client_id=body.client_id,
            client_secret=body.client_secret.get_secret_value(),
            domains=body.domains,
            default_roles=body.default_roles,
            auto_provision=body.auto_provision,
        )
        people.ways_in.configure_sso(visit.actor, choice, version=form.version if before else None)
    except Misfit as misfit:
        return _page(visit, people, before, form, wrong=misfit)
    except (InvalidIssuer, ClientSecretNeeded, NoSuchRole, MoreThanYouMay, Stale) as error:
        return _page(visit, people, before, form, error)
    return visit.go(visit.url("settings", "sso"), "Single sign-on is set up: try it in another browser.")


@router.get("/sso/remove")
def confirm_removal(visit: Here) -> Response:
    page = ConfirmPage(
        title="Remove single sign-on",
        notes=(
            "People sign in with passwords from now on; who has none sets one by a link.",
            "Sessions that run stay.",
        ),
        action=visit.url("settings", "sso", "remove"),
        button="Remove",
        back=Link("Cancel", visit.url("settings", "sso")),
    )
    return confirm_page(visit, page)


@router.post("/sso/remove")
def remove(visit: Here, people: Bundle) -> Response:
    back = visit.url("settings", "sso")
    try:
        people.ways_in.remove_sso(visit.actor)
    except NoSingleSignOn:
        return visit.go(back, "There was none.")
    return visit.go(back, "Single sign-on is removed.")


def _entered(form: Posted) -> dict[str, object]:
    return {
        "issuer": form.text("issuer"),
        "client_id": form.text("client_id"),
        "client_secret": form.secret("client_secret").strip(),
        "domains": form.text("domains").replace(",", " ").split(),
        "default_roles": form.all("default_roles"),
        "auto_provision": form.has("auto_provision"),
    }


def _page(
    visit: Visit,
    people: PeopleOps,
    sso: SingleSignOn | None,
    form: Posted | None = None,
    error: DomainError | None = None,
    *,
    wrong: Misfit | None = None,
) -> Response:
    fields = _fields(visit, people, sso, form)
    if wrong is not None:
        fields = marked(fields, wrong.wrong)
    if error is not None and type(error) in FIELD_OF:
        fields = refused(fields, error, at=FIELD_OF[type(error)])
    slug = visit.place.slug if visit.place else ""
    base = visit.site.public_url or str(visit.request.base_url)
    page = SsoPage(
        tabs=tabs_of(visit),
        problem=problem(fields, error),
        callback=people.ways_in.oidc_callback,
        login=with_query(f"{base.rstrip('/')}/login", {"tenant": slug}) if sso else "",
        fields=fields,
        version=sso.version if sso else 0,
        action=visit.url("settings", "sso"),
        remove_href=visit.url("settings", "sso", "remove") if sso else "",
    )
    status = 422 if error or wrong else 200
    return visit.page("people_ops/sso.html", page, title="Single sign-on", status=status)


def _fields(
    visit: Visit, people: PeopleOps, sso: SingleSignOn | None, form: Posted | None
) -> tuple[Field, ...]:
    def value(name: str, stored: str) -> str:
        return form.text(name) if form else stored

    roles = form.all("default_roles") if form else sso.default_roles if sso else ["viewer"]
    provision = form.has("auto_provision") if form else sso is not None and sso.auto_provision
    return (
        Field(
            name="issuer",
            label="Issuer",
            value=value("issuer", sso.issuer if sso else ""),
            hint="As in the provider's discovery document: https://login.example.org",
            required=True,
        ),
        Field(
            name="client_id",
            label="Client id",
            value=value("client_id", sso.client_id if sso else ""),
            required=True,
        ),
        Field(
            name="client_secret",
            label="Client secret",
            kind="password",
            hint="Never shown again. Left empty, the one before stays." if sso else "Never shown again.",
            autocomplete="off",
            required=sso is None,
        ),
        Field(
            name="domains",
            label="Domains of e-mail addresses that are let in",
            value=value("domains", " ".join(sso.domains) if sso else ""),
            hint="With blanks between them: example.org example.com",
            required=True,
        ),
        roles_field(visit, people, roles, name="default_roles", label="Roles of people who are new"),
        Field(
            name="auto_provision",
            label="Let in people who were not invited",
            kind="checkbox",
            value="yes" if provision else "",
            hint="Everybody the provider vouches for, with the roles above.",
        ),
    )
