from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from resolver.errors import FetchError


@dataclass(frozen=True)
class Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Pages:
    """A source of pages kept in memory; an address it does not know answers 404."""

    pages: dict[str, Page | FetchError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(
        self,
        url: str,
        *,
        accept: str = "*/*",
        max_bytes: int | None = None,
        if_none_match: str | None = None,
        start: int = 0,
    ) -> Page:
        self.asked.append(url)
        page = self.pages.get(url, Page(status=404))
        if isinstance(page, FetchError):
            raise page
        return page


@pytest.fixture
def pages() -> Pages:
    return Pages()
