"""Beginning and ending the session of a browser."""

from typing import Annotated

from fastapi import Depends, Response

from core.application.browsers import Visitor
from core.domain.actor import Actor
from core.domain.errors import TooMany
from core.domain.ids import PLATFORM
from core.presentation import cookies
from core.presentation.http import from_state
from core.presentation.parts import Notice
from core.presentation.visit import SignInNeeded, Visit, local
from people_ops.api import PeopleOps
from people_ops.application.ports import Tokens
from people_ops.domain.session import SessionId

Bundle = Annotated[PeopleOps, Depends(from_state(PeopleOps))]


def stranger(visit: Visit) -> Actor:
    """Somebody we do not know yet."""
    return Actor(tenant_id=PLATFORM, address=visit.address, request_id=request_id(visit))


def visitor_of(visit: Visit) -> Visitor:
    """Raises SignInNeeded."""
    if visit.visitor is None:
        raise SignInNeeded("This is for people who are signed in.", fix="Sign in.")
    return visit.visitor


def agent_of(visit: Visit) -> str:
    return visit.request.headers.get("user-agent", "")


def request_id(visit: Visit) -> str:
    return str(getattr(visit.request.state, "request_id", ""))


def may_keep_cookies(visit: Visit) -> bool:
    return visit.cookies.is_secure or visit.site.insecure_http


def signed_in(
    visit: Visit, people: PeopleOps, tokens: Tokens, *, after: str, every_tenant: bool = True, say: str = ""
) -> Response:
    """On to the page ``after``; a session from before in this browser ends. ``every_tenant``: as ``OpenInBrowser``."""
    cookie = people.open_in_browser(stranger(visit), tokens, every_tenant=every_tenant)
    end_session(visit, people)
    answer = visit.go(local(after) or "/", say)
    visit.cookies.set(answer, cookies.SESSION, cookie)
    visit.cookies.delete(answer, cookies.FORM)
    return answer


def end_session(visit: Visit, people: PeopleOps) -> None:
    """Does nothing for who is not signed in."""
    if visit.visitor is not None:
        actor = Actor(
            tenant_id=visit.visitor.home,
            user_id=visit.visitor.user_id,
            address=visit.address,
            request_id=request_id(visit),
        )
        people.sign_out(actor, SessionId(visit.visitor.session_id))
        people.browsers.forget(visit.cookies.get(cookies.SESSION))


def too_many(error: TooMany) -> Notice:
    """With the time to come back."""
    seconds = int(error.facts.get("retry_after", 60))  # type: ignore[arg-type]  # a number, as TooMany says
    wait = f"{seconds} seconds" if seconds < 90 else f"{-(-seconds // 60)} minutes"
    return Notice(kind="error", title=error.title, text=f"Try again in {wait}.")


def wait_seconds(error: TooMany) -> str:
    """As the header Retry-After has it."""
    return str(error.facts.get("retry_after", 60))
