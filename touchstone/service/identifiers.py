"""DIDs that come with a request: checked by their own method's syntax before anything else."""

import re
from functools import lru_cache

from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.methods.web import url_of

_SCID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46}")


@lru_cache(16_384)
def checked_did(text: str) -> Did:
    """Parse a DID and hold it against its method's own syntax, where that is known here.

    Raises:
        InvalidDidError: the text is no DID, or none that its method allows.
    """
    did = Did.parse(text)
    if did.method == "web":
        url_of(did)
    elif did.method == "webvh":
        scid, _, rest = did.specific_id.partition(":")
        if not _SCID.fullmatch(scid):
            raise InvalidDidError("the identifier of a did:webvh starts with 46 base58btc digits")
        url_of(Did(text, "web", rest))
    return did
