"""Asking a server, and reading what is to be asked about."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from resolver.errors import InvalidJsonError
from resolver.strict_json import Json, parse_json
from touchstone.cli.printing import give_up

TIMEOUT_S = 60
_MAX_ANSWER = 32 * 1024 * 1024
_ERROR = 400


class Reply(NamedTuple):
    """What came back: an HTTP status, and the document."""

    status: int
    document: Mapping[str, Json]

    @property
    def good(self) -> bool:
        """Whether it is an answer, and not a problem."""
        return self.status < _ERROR

    @property
    def complaint(self) -> str:
        """What the problem says, on one line."""
        title, detail = self.document.get("title", "no answer"), self.document.get("detail")
        where = self.document.get("pointer") or self.document.get("field")
        text = f"{title}: {detail}" if detail else str(title)
        return f"{text} ({where})" if where else text


async def ask_server(
    server: str, path: str, body: Json = None, *, method: str = "POST", accept: str = "*/*"
) -> Reply:
    """Put a request to a server. Ends the process where there is no reply."""
    import aiohttp
    from yarl import URL

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(
                method,
                URL(server.rstrip("/") + path, encoded=True),
                json=body if method == "POST" else None,
                headers={"Accept": accept},
            ) as response,
        ):
            data = await response.content.read(_MAX_ANSWER)
            while chunk := await response.content.read(_MAX_ANSWER - len(data)):
                data += chunk
            return Reply(response.status, document_of(data))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        give_up(f"{server} does not answer: {str(error) or type(error).__name__}")


def document_of(data: bytes) -> Mapping[str, Json]:
    """Read the JSON object of a reply. Ends the process where it is none."""
    try:
        document = parse_json(data, max_bytes=_MAX_ANSWER)
    except InvalidJsonError as error:
        give_up(f"the reply is not JSON: {error}")
    if not isinstance(document, dict):
        give_up("the reply is not a JSON object")
    return document


def read_text(file: Path) -> str:
    """Read a file of text; `-` is stdin. Ends the process where it cannot be read."""
    try:
        with click.open_file(str(file), encoding="utf-8") as opened:
            return str(opened.read())
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{file}: {error}")


def read_credential(file: Path) -> Json:
    """Read a credential from a file: JSON, a JWT, or a request that wraps one. `-` is stdin.

    Ends the process where it cannot be read.
    """
    stripped = read_text(file).strip()
    if not stripped.startswith(("{", '"')):
        return stripped
    try:
        value = parse_json(stripped, max_bytes=_MAX_ANSWER)
    except InvalidJsonError as error:
        give_up(f"{file}: {error}")
    if isinstance(value, dict) and "credential" in value and "@context" not in value:
        return value["credential"]
    return value
