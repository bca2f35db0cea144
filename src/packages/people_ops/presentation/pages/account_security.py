"""One's own password, second factor and sessions."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.actor import Actor
from core.domain.errors import DomainError, TooMany
from core.domain.ids import TenantId
from core.domain.public_ids import parsed
from core.presentation import cookies
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Field, Notice
from core.presentation.visit import Here, Visit
from people_ops.domain.password import PasswordRefused
from people_ops.domain.second_factor import NoSecondFactor, SecondFactorInUse, WrongCode, WrongPassword
from people_ops.domain.session import NoSuchSession, SessionId
from people_ops.presentation.pages.account import account_page, own_sessions
from people_ops.presentation.pages.session import Bundle, request_id, too_many, visitor_of
from people_ops.presentation.qr_code import QrCode, qr_code

router = APIRouter(
    prefix="/account", route_class=PageRoute, dependencies=[requires(None)], include_in_schema=False
)
FIRST_CODE = Field(
    name="code",
    label="Code",
    hint="The six digits your app shows now.",
    autocomplete="one-time-code",
    required=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPage:
    problem: Notice | None
    secret: str
    uri: str
    qr: QrCode | None
    code: Field


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    codes: tuple[str, ...]


@router.post("/password")
def change_password(visit: Here, form: Form, people: Bundle) -> Response:
    keep = SessionId(visitor_of(visit).session_id)
    try:
        people.change_password(visit.actor, old=form.secret("old"), new=form.secret("new"), keep=keep)
    except (PasswordRefused, WrongPassword, TooMany) as error:
        at = {PasswordRefused: "new", WrongPassword: "old"}.get(type(error), "")
        return account_page(visit, people, error, at=at)
    return visit.go("/account", "Your password is changed, and your other sessions have ended.")


@router.post("/second-factor")
def enrol(visit: Here, form: Form, people: Bundle) -> Response:
    try:
        made = people.ways_in.enrol_second_factor(visit.actor, password=form.secret("password"))
    except (WrongPassword, SecondFactorInUse, TooMany) as error:
        return account_page(visit, people, error, at=_wrong_field(error))
    return _enrolling(visit, made.secret, made.uri)


@router.post("/second-factor/confirm")
def confirm(visit: Here, form: Form, people: Bundle) -> Response:
    secret, uri = form.text("secret"), form.text("uri")
    try:
        codes = people.ways_in.confirm_second_factor(visit.actor, code=form.text("code"))
    except (WrongCode, TooMany) as error:
        return _enrolling(visit, secret, uri, error)
    except (NoSecondFactor, SecondFactorInUse) as error:
        return account_page(visit, people, error)
    return visit.page("people_ops/recovery_codes.html", RecoveryPage(tuple(codes)), title="Recovery codes")


@router.post("/second-factor/disable")
def disable(visit: Here, form: Form, people: Bundle) -> Response:
    try:
        people.ways_in.disable_second_factor(
            visit.actor, password=form.secret("password"), code=form.text("code")
        )
    except (WrongPassword, WrongCode, NoSecondFactor, TooMany) as error:
        return account_page(visit, people, error, at=_wrong_field(error))
    return visit.go("/account", "The second factor is off: signing in asks for your password alone.")


@router.post("/sessions/{session}/end")
def end_one(session: str, visit: Here, people: Bundle) -> Response:
    wanted = parsed("ses", session)
    for tenant_id, _, each in own_sessions(visit, people):
        if each.id == wanted:
            people.revoke_session(_own(visit, tenant_id), each.id)
            return visit.go("/account", "The session has ended.")
    raise NoSuchSession("You have none with that id.", fix="Open your profile again.")


@router.post("/sessions/end")
def end_all(visit: Here, people: Bundle) -> Response:
    people.revoke_all_sessions(visit.actor)
    people.browsers.forget(visit.cookies.get(cookies.SESSION))
    answer = visit.go("/login", "You are signed out everywhere.")
    visit.cookies.delete(answer, cookies.SESSION)
    return answer


def _enrolling(visit: Visit, secret: str, uri: str, error: DomainError | None = None) -> Response:
    is_busy, uri = isinstance(error, TooMany), uri if uri.startswith("otpauth://") else ""
    (code,) = refused((FIRST_CODE,), error, at="code") if error and not is_busy else (FIRST_CODE,)
    page = EnrolPage(
        problem=too_many(error) if isinstance(error, TooMany) else problem((code,)),
        secret=secret,
        uri=uri,
        qr=qr_code(uri) if uri else None,
        code=code,
    )
    status = 200 if error is None else 429 if is_busy else 422
    return visit.page("people_ops/enrol.html", page, title="Set up a second factor", status=status)


def _wrong_field(error: DomainError) -> str:
    return {WrongPassword: "password", WrongCode: "code"}.get(type(error), "")


def _own(visit: Visit, tenant_id: TenantId) -> Actor:
    """Oneself in another tenant of one's own, with no rights but those over what is one's own."""
    return Actor(
        tenant_id=tenant_id,
        user_id=visitor_of(visit).user_id,
        address=visit.address,
        request_id=request_id(visit),
    )
