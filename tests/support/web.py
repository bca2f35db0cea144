"""The product in a real browser: a server with the demo and two more tenants, Chromium, and what a page must not do."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from socket import socket
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.support.command_line import ROOT, CommandLine
from tests.support.served import Served, Servers

SHOTS = ROOT / "var" / "screenshots"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
PEOPLE = {"tenant_admin": "admin", "data_scientist": "scientist"}  # roles by the names of the demo's people
HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}"


@dataclass(frozen=True, slots=True)
class Installation:
    """``ids`` are of the demo's belongings, by what paths call them."""

    url: str
    password: str
    key: str
    ids: dict[str, str]
    run: Callable[..., Any] = field(repr=False)  # a command of ours on its data

    def api(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("web")
    cli, servers = CommandLine(folder), Servers(folder)
    here = {"ANOMALY_DETECTION_DATA_DIR": str(folder / "var")}

    def command(*words: str) -> Any:
        done = cli(*words, env=here)
        assert done.code == 0, done.err
        return done

    access = command("demo", "load", "-o", "json").document
    command("tenant", "create", "beta")
    # A port that it knows: identity providers send browsers back to it. They may be on this machine.
    settings = {"API_KEY_REQUESTS_PER_MINUTE": "100000", "SECURITY_IDENTITY_NETWORKS": "127.0.0.0/8"}
    variables = {f"ANOMALY_DETECTION_{name}": value for name, value in settings.items()}
    server: Served = servers("--port", str(free_port()), **variables)
    server.start()
    yield Installation(
        server.url, access["password"], access["api_key"], ids_of(server.url, access["api_key"]), command
    )
    server.stop()


def free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def ids_of(url: str, key: str) -> dict[str, str]:
    """The first of each list of the API."""
    lists = {
        "dataset": "/datasets",
        "run": "/runs",
        "model": "/models",
        "job": "/jobs",
        "member": "/members",
        "key": "/keys",
        "training": "/training-runs",
    }
    found = {"tenant": "demo"}
    with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {key}"}) as api:
        for name, path in lists.items():
            items = api.get(path).json().get("items") or [{}]
            found[name] = items[0].get("slug") or items[0].get("name") or items[0].get("id", "")
            if name in ("run", "job", "member", "key", "training"):
                found[name] = items[0].get("id", "")
    return found


def chromium_path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(which, names)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium: browser tests are left out (make setup-browser installs it)")
    # Of a module: while it runs, its thread has an event loop, and tests that start their own have none.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@dataclass
class Web:
    """``web("analyst")`` is a page of somebody who has signed in. What a page prints on the console, and what its policy
    stopped, is kept in ``complaints``; what a kept page asks for, in ``asked``."""

    chromium: Browser
    installation: Installation
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    _kept: dict[str, Any] = field(default_factory=dict)
    _pages: dict[str, Page] = field(default_factory=dict)

    def __call__(self, role: str = "", **options: Any) -> Page:
        """``role`` empty: a stranger. ``options`` are a browser context's: ``java_script_enabled=False``."""
        context = self._context(role, **options)
        self.contexts.append(context)
        return self._page(context)

    def kept(self, role: str) -> Page:
        """The one page of the role in this module, where nothing moves; as it was when it was new."""
        if role not in self._pages:
            page = self._pages[role] = self._page(self._context(role, reduced_motion="reduce"))
            page.on("request", lambda request: self.asked.append(request.url))
            page.on("crash", self._lose)
        page = self._pages[role]
        page.set_viewport_size(VIEWPORT)
        page.emulate_media(color_scheme="light")
        self.asked.clear()
        return page

    def leave(self) -> None:
        """Nothing that a test has opened says anything from here on."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        for page in self._pages.values():
            page.goto("about:blank")

    def _context(self, role: str, **options: Any) -> BrowserContext:
        context = self.chromium.new_context(base_url=self.installation.url, viewport=VIEWPORT, **options)
        context.set_default_timeout(15_000)
        if role:
            self.sign_in(context, role)
        return context

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._refuse)
        return page

    def _lose(self, page: Page) -> None:
        self._pages = {role: kept for role, kept in self._pages.items() if kept is not page}

    def _refuse(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def sign_in(self, context: BrowserContext, role: str) -> None:
        """By the form at the first time, then by its cookie."""
        if role not in self._kept:
            page = context.new_page()
            page.goto("/login")
            page.fill("[name=email]", f"{PEOPLE.get(role, role)}@demo.example")
            page.fill("[name=password]", self.installation.password)
            page.click("main button")
            page.wait_for_url(re.compile(r"/(t/|admin)"))
            self._kept[role] = context.cookies()
            page.close()
        context.add_cookies(self._kept[role])

    def shot(self, page: Page, name: str) -> Path:
        """Kept as an artefact of the run, in var/screenshots."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True, caret="initial")  # hiding it leaves style attributes
        return path


@pytest.fixture(scope="module")
def kept_web(chromium: Browser, installation: Installation) -> Web:
    return Web(chromium, installation)


@pytest.fixture
def web(kept_web: Web) -> Iterator[Web]:
    """Fails the test where a page complained."""
    kept_web.complaints.clear()
    yield kept_web
    kept_web.leave()
    assert kept_web.complaints == []
