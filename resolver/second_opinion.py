"""A second opinion on a DID document, of another implementation of DID Core 1.0.

It costs half a millisecond a document and knows fewer key types than are read here, so that it is
asked on request, and never on the way to an answer (docs/decisions/0012).
"""

import warnings

import pydid  # type: ignore[import-untyped]  # it is published without types

from resolver.document import DidDocument

_MAX_COMPLAINT = 2000  # characters; what it repeats of a document may be hostile


def second_opinion(document: DidDocument) -> str | None:
    """What pydid finds wrong with a document, or None where it accepts it.

    Args:
        document: one that is accepted here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about the version of pydantic beneath it
        try:
            pydid.DIDDocument.deserialize(document.raw)
        except ValueError as error:
            return " ".join(str(error).split())[:_MAX_COMPLAINT]
    return None
