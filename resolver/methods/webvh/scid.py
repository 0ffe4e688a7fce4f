"""did:scid:vh:1, the name of a did:webvh log without the place where it lies."""

from dataclasses import replace

import orjson

from resolver.did import Did
from resolver.document import DidDocument, parse_document
from resolver.errors import (
    ErrorCode,
    InvalidDidDocumentError,
    InvalidDidError,
    ResolutionError,
)
from resolver.methods import LATEST, Method, Resolved, Version
from resolver.methods.webvh.address import PREFIX, parse_address
from resolver.strict_json import Json

ALIAS = "did:scid:vh:1:"


class ScidMethod:
    """Resolves did:scid:vh:1 as an alias of the did:webvh with the same SCID.

    Args:
        webvh: the method that it is an alias of, with its cache where there is one.
    """

    versioned = True
    located = True

    def __init__(self, webvh: Method) -> None:
        self._webvh = webvh

    async def resolve(
        self,
        did: Did,
        version: Version = LATEST,
        *,
        fresh: bool = False,
        src: str | None = None,
    ) -> Resolved:
        """Resolve an alias.

        Args:
            did: `did:scid:vh:1:` and the SCID.
            version: which version.
            fresh: whether what was kept may not be used.
            src: where the log lies, as host and path: the DID URL's parameter `src`. It is only a
                hint; whatever lies there must verify against the SCID.

        Raises:
            ResolutionError: INVALID_DID where it is no such alias or `src` is no place, NOT_FOUND
                where there is no `src`, and as for `Method.resolve`.
        """
        target = _target(did, src)
        resolved = await self._webvh.resolve(target, version, fresh=fresh)
        document = resolved.document
        metadata = replace(
            resolved.metadata,
            equivalent_id=(resolved.metadata.canonical_id or target.text,),
            canonical_id=None,
        )
        named = None if document is None else _renamed(document, did)
        return replace(resolved, document=named, metadata=metadata)


def _target(did: Did, src: str | None) -> Did:
    scid = did.text.removeprefix(ALIAS)
    if not did.text.startswith(ALIAS) or ":" in scid:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:scid: not of the form {ALIAS}SCID")
    if not src:
        raise ResolutionError(ErrorCode.NOT_FOUND, "did:scid: where the log lies needs ?src=")
    authority, *path = src.removeprefix("https://").strip("/").replace("/", ":").split(":")
    if path and path[0].isdigit() and ":" in src.partition("/")[0]:
        authority, path = f"{authority}%3A{path[0]}", path[1:]
    text = f"{PREFIX}{scid}:{':'.join([authority, *path])}"
    try:
        parse_address(text)
        return Did.parse(text)
    except InvalidDidError as error:
        raise ResolutionError(ErrorCode.INVALID_DID, f"did:scid: {error}") from None


def _renamed(document: DidDocument, did: Did) -> DidDocument:
    """The document under its alias, with its did:webvh among the names it is also known as."""
    own = document.id.text
    text = orjson.dumps(document.raw).decode()
    for mark in ('"', "#", "?", "/"):  # the DID as a whole, not as the start of a longer one
        text = text.replace(f'"{own}{mark}', f'"{did.text}{mark}')
    raw: dict[str, Json] = orjson.loads(text)
    names = raw.get("alsoKnownAs")
    others = [name for name in names if name != did.text] if isinstance(names, list) else []
    raw["alsoKnownAs"] = [*others, own]
    try:
        return parse_document(raw, did)
    except InvalidDidDocumentError as error:
        raise ResolutionError(ErrorCode.INVALID_DID_DOCUMENT, f"{did}: {error}") from None
