"""What every act says: for whom, by whom, when, once, and resting on what."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from trust_registry.fields import (
    MAX_ITEMS,
    Closed,
    DidMember,
    Digest,
    InstantMember,
    Nonce,
    Plain,
)


class Audience(Closed):
    """The registry that an act is meant for.

    Attributes:
        origin: its name.
        genesis: SHA-256 of its first entry, in hex; absent in that entry itself.
    """

    origin: Plain
    genesis: Digest | None = None


class Evidence(Closed):
    """A document that an act rests on: where it is, and its SHA-256 in hex."""

    uri: Plain
    sha256: Digest


class BaseState(Closed):
    """The journal that the signer looked at: its size and its root, in hex."""

    size: Annotated[int, Field(ge=1)]
    root: Digest


class SignedAct(Closed):
    """What every act says.

    Attributes:
        registry: whom it is meant for.
        by: the DID of the signer; others may sign the same act too.
        issued: when it was signed.
        expires: after this it is not recorded any more, nor voted on.
        nonce: used once by this signer.
        evidence: documents it rests on.
        base: the state its signer looked at; demanded of everything that a board decides.
    """

    registry: Audience
    by: DidMember
    issued: InstantMember
    expires: InstantMember
    nonce: Nonce
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=MAX_ITEMS)] = ()
    base: BaseState | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires <= self.issued:
            raise ValueError("expires is not after issued")
        return self
