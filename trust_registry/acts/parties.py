"""Acts about parties: who they are, with which keys they act, and who controls them."""

from typing import Annotated, Literal

from pydantic import Field

from trust_registry.acts.signed import Evidence, SignedAct
from trust_registry.fields import (
    MAX_ITEMS,
    Country,
    DidMember,
    Digest,
    Domain,
    InstantMember,
    Plain,
    Thumbprint,
    Unique,
)

MAX_GROUPED = 50
"""Parties that one act puts under one control: a few milliseconds in which nobody is answered."""

_Names = Annotated[tuple[Plain, ...], Field(max_length=MAX_ITEMS), Unique]
_Dids = Annotated[tuple[DidMember, ...], Field(max_length=MAX_ITEMS), Unique]
_SomeDids = Annotated[tuple[DidMember, ...], Field(min_length=1, max_length=MAX_ITEMS), Unique]
_Keys = Annotated[tuple[Thumbprint, ...], Field(max_length=MAX_ITEMS), Unique]
_SomeKeys = Annotated[tuple[Thumbprint, ...], Field(min_length=1, max_length=MAX_ITEMS), Unique]
_Domains = Annotated[tuple[Domain, ...], Field(max_length=MAX_ITEMS), Unique]
_Digests = Annotated[tuple[Digest, ...], Field(max_length=MAX_ITEMS), Unique]
_Threshold = Annotated[int, Field(ge=1, le=MAX_ITEMS)]
LegalBasis = Annotated[tuple[Evidence, ...], Field(max_length=MAX_ITEMS)]
"""Laws or decrees that give an applicant its authority."""


class RegisterParty(SignedAct):
    """Register a legal person.

    Each of its DIDs signs too; only a listing, which pins no keys, may do without. A domain needs
    the signature of a `did:web` or `did:webvh` on it.

    Attributes:
        name: its legal name.
        dids: what it is known by.
        keys: thumbprints of the keys it may sign acts with.
        threshold: how many of them must sign what it does as an authority.
        control_group: parties under one control share it.
        trading_names: other names.
        domains: web domains it controls.
        identifiers: identifiers of business or accreditation registers, as URIs.
        kinds: what it is, such as `government`, `scheme-owner`, `certifier`.
        jurisdiction: ISO 3166 code, or empty.
        contacts: SHA-256, in hex, of salted records of whom to reach.
        legal_basis: what gives it its authority, where it applies by itself.
    """

    type: Literal["register_party"]
    name: Plain
    dids: _SomeDids
    keys: _Keys = ()
    threshold: _Threshold = 1
    control_group: Plain | None = None
    trading_names: _Names = ()
    domains: _Domains = ()
    identifiers: _Names = ()
    kinds: _Names = ()
    jurisdiction: Country = ""
    contacts: _Digests = ()
    legal_basis: LegalBasis = ()


class AmendParty(SignedAct):
    """Change what is registered about a party; what is not written stays.

    Attributes:
        party: one of its DIDs.
        add_dids: more DIDs; the party and each of them sign.
        remove_dids: DIDs that are its own no longer, from the recording on; it signs under
            those that it then has, or the board decides on evidence.
        threshold: how many of its keys must sign from now on.
    """

    type: Literal["amend_party"]
    party: DidMember
    add_dids: _Dids = ()
    remove_dids: _Dids = ()
    name: Plain | None = None
    threshold: _Threshold | None = None
    trading_names: _Names | None = None
    domains: _Domains | None = None
    identifiers: _Names | None = None
    kinds: _Names | None = None
    jurisdiction: Country | None = None
    contacts: _Digests | None = None


class RetireParty(SignedAct):
    """Record that a party has ceased to be: all it holds is withdrawn, and it acts no more."""

    type: Literal["retire_party"]
    party: DidMember
    effective_from: InstantMember | None = None
    ground: Plain


class DeclareControlGroup(SignedAct):
    """Record that parties are under one control: one vote, and no grants among themselves.

    Attributes:
        dids: one DID of each of them; a larger group is declared by several acts.
        control_group: its name; a name of its own sets one party free.
        ground: how it is known.
    """

    type: Literal["declare_control_group"]
    dids: Annotated[_SomeDids, Field(max_length=MAX_GROUPED)]
    control_group: Plain
    ground: Plain


class RotateKeys(SignedAct):
    """Replace keys of a party; one of the present ones signs, and each new one signs too."""

    type: Literal["rotate_keys"]
    party: DidMember
    add: _SomeKeys
    remove: _Keys = ()


class RecoverKeys(SignedAct):
    """Give a party new keys when it has lost the old ones; each new one signs.

    Attributes:
        keys: all its keys from now on.
        ground: what happened.
    """

    type: Literal["recover_keys"]
    party: DidMember
    keys: _SomeKeys
    ground: Plain


class CompromiseKey(SignedAct):
    """Record that others may have used a key since an instant."""

    type: Literal["compromise_key"]
    did: DidMember
    thumbprint: Thumbprint
    since: InstantMember = Field(alias="from")
