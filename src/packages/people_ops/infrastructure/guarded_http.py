"""HTTP requests to hosts that a tenant names: to public addresses only, without redirects, bounded in size and time."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from core.infrastructure.network_guard import HostNotAllowed, checked_address
from people_ops.application.oidc import ProviderFailed

if TYPE_CHECKING:  # imported at the first request: it is slow to import, and few processes make one
    import httpx

MOST_BYTES = 512 * 1024
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class GuardedHttp:
    """``allowed_networks`` (CIDR) may be private; plain http goes to loopback addresses alone."""

    allowed_networks: Iterable[str] = ()

    def get(self, url: str) -> Mapping[str, Any]:
        """A JSON object. Raises ProviderFailed, HostNotAllowed, UnknownHost."""
        return self._asked("GET", url)

    def post(self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None) -> Mapping[str, Any]:
        return self._asked("POST", url, data=dict(form), auth=auth)

    def _asked(self, method: str, url: str, **body: Any) -> Mapping[str, Any]:
        import httpx

        target, host = self._checked(url)
        headers = {"Host": host.netloc.decode("ascii"), "Accept": "application/json"}
        named = {"sni_hostname": host.host}  # the certificate must be the name's
        try:
            with (
                httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client,
                client.stream(method, target, headers=headers, extensions=named, **body) as response,
            ):
                content = _bounded(response)
                if response.status_code != httpx.codes.OK:
                    raise ProviderFailed(f"It answered {response.status_code}.", fix="Check its settings.")
            found = json.loads(content)
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise ProviderFailed(
                "It cannot be reached or answers no JSON.", fix="Check its address."
            ) from error
        if not isinstance(found, dict):
            raise ProviderFailed("It answers no JSON object.", fix="Check its address.")
        return found

    def _checked(self, url: str) -> "tuple[httpx.URL, httpx.URL]":
        """The URL with the address in place of the name, and the URL itself."""
        import httpx

        try:
            named = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ProviderFailed("It names no URL we can open.", fix="Check its settings.") from error
        if named.scheme not in {"https", "http"} or not named.host or named.userinfo:
            raise HostNotAllowed("Only https URLs are opened.", fix="Use an https URL.")
        port = named.port or (443 if named.scheme == "https" else 80)
        address = checked_address(named.host, port, allowed_networks=self.allowed_networks)
        if named.scheme == "http" and not ip_address(address).is_loopback:
            raise HostNotAllowed("Only https URLs are opened.", fix="Use an https URL.")
        return named.copy_with(host=address), named


def _bounded(response: "httpx.Response") -> bytes:
    content, end = b"", time.monotonic() + TIMEOUT_S
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_BYTES or time.monotonic() > end:
            raise ProviderFailed("Its answer is too long or too slow.", fix="Check its address.")
    return content
