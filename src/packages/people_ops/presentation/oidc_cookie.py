"""The cookie that ties a browser to the log-in it began at an identity provider."""

from fastapi import Response

COOKIE = "anom_oidc"
COOKIE_PATH = "/api/v1/auth/oidc"
COOKIE_LIFE_S = 600


def keep_ticket(answer: Response, ticket: str, *, secure: bool) -> None:
    answer.set_cookie(
        COOKIE,
        ticket,
        max_age=COOKIE_LIFE_S,
        path=COOKIE_PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_ticket(answer: Response, *, secure: bool) -> None:
    answer.delete_cookie(COOKIE, path=COOKIE_PATH, secure=secure, httponly=True, samesite="lax")
