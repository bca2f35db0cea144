"""Examples of the documentation in the reader's own names: who is signed in copies what works for them."""

import re
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends
from markupsafe import Markup, escape

from core.domain.ids import PLATFORM
from core.presentation.http import from_state
from core.presentation.visit import Here
from data_platform.api import Datasets
from interfaces.presentation.docs_pages import Body, Operation, Section

SERVERS = re.compile(r"http://127\.0\.0\.1:8000|https://anom\.example\b")
TENANT = re.compile(r"(?<=-t )acme\b")
DATASET = re.compile(
    r"(/datasets/|(?:\"|&quot;)dataset(?:_id)?(?:\"|&quot;): (?:\"|&quot;))(?:orders|payments)\b"
)
CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reader:
    """Empty: as the example has it. ``server`` is what the address of the service is, ``dataset`` the tenant's newest."""

    server: str = ""
    tenant: str = ""
    dataset: str = ""

    def text(self, example: str) -> str:
        if self.server:
            example = SERVERS.sub(lambda _: self.server, example)
        if self.tenant:
            example = TENANT.sub(lambda _: self.tenant, example)
        if self.dataset:
            example = DATASET.sub(lambda found: found[1] + self.dataset, example)
        return example

    def guide(self, content: Markup) -> Markup:
        """The code in it."""
        own = Reader(*(str(escape(each)) for each in (self.server, self.tenant, self.dataset)))
        return Markup(CODE.sub(lambda found: own.text(found[0]), str(content)))  # noqa: S704  # nosec B704 - names escaped

    def section(self, section: Section, server: str) -> Section:
        """``server`` is the address that its examples name."""
        return replace(
            section, operations=tuple(self._operation(each, server) for each in section.operations)
        )

    def _operation(self, of: Operation, server: str) -> Operation:
        curl = of.curl.replace(server, self.server) if self.server else of.curl
        return replace(of, curl=self.text(curl), bodies=tuple(self._body(each) for each in of.bodies))

    def _body(self, body: Body) -> Body:
        return replace(body, example=self.text(body.example))


def reader_of(visit: Here, datasets: Annotated[Datasets, Depends(from_state(Datasets))]) -> Reader:
    """Of the first tenant they belong to; its newest dataset where they may see it."""
    if visit.visitor is None:
        return Reader()
    server = (visit.site.public_url or str(visit.request.base_url)).rstrip("/")
    own = [each for each in visit.visitor.places if each.tenant_id != PLATFORM]
    if not own:
        return Reader(server)
    if "datasets:read" not in own[0].permissions:
        return Reader(server, own[0].slug)
    newest = datasets.queries.page(own[0].tenant_id, search=None, sort="-created_at", limit=1, cursor=None)
    return Reader(server, own[0].slug, next((each.slug for each in newest.items), ""))


ReaderHere = Annotated[Reader, Depends(reader_of)]
