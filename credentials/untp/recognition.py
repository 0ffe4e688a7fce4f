"""Which UNTP credential this is: its core type, and its version by the context it names."""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from credentials.credential import Credential
from credentials.untp.errors import InvalidUntpError, UnsupportedUntpError


class Kind(StrEnum):
    """The core types of UNTP credentials, by the name they have in every version."""

    DCC = "DigitalConformityCredential"
    DPP = "DigitalProductPassport"
    DFR = "DigitalFacilityRecord"
    DTE = "DigitalTraceabilityEvent"
    DIA = "DigitalIdentityAnchor"


class Generation(IntEnum):
    """The data models that differ; patch releases and drafts of one share it."""

    V05 = 5
    V06 = 6
    V07 = 7


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a credential says it is.

    Attributes:
        kind: its core type.
        version: as its context names it, such as `0.7.0` or `working`.
        generation: the data model of that version.
        extensions: further types, narrower than the core one.
    """

    kind: Kind
    version: str
    generation: Generation
    extensions: tuple[str, ...]


_SITE = r"https://(?:test|vocabulary)\.uncefact\.org/(?:vocabulary/)?untp"
_PER_TYPE = re.compile(rf"{_SITE}/([a-z]+)/([0-9A-Za-z.+-]+)/?")
_SINGLE = re.compile(rf"{_SITE}/([0-9][0-9A-Za-z.+-]*)/context/?")
_NUMBER = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.[0-9]{1,4})?(?:[-+].*)?", re.ASCII)
_SHORT = {
    Kind.DCC: "dcc",
    Kind.DPP: "dpp",
    Kind.DFR: "dfr",
    Kind.DTE: "dte",
    Kind.DIA: "dia",
}
_OLDEST, _NEWEST = (0, 5), (0, 7)
_EARLY_ANCHOR = (0, 2)
"""The anchor published with UNTP 0.5.0 is numbered 0.2.1."""
_MAX_EXTENSIONS = 10


def recognise(credential: Credential) -> Recognised:
    """Say which UNTP credential this is.

    The version is that of the UNTP context, at any position in `@context`.

    Raises:
        UnsupportedUntpError: it is not a UNTP credential, or of a version that is not read.
        InvalidUntpError: its types or contexts contradict each other.
    """
    kind = _kind(credential.types)
    version = _version(credential.contexts, kind)
    core = {"VerifiableCredential", kind.value}
    extensions = tuple(dict.fromkeys(t for t in credential.types if t not in core))
    if len(extensions) > _MAX_EXTENSIONS:
        raise InvalidUntpError("/type", f"more than {_MAX_EXTENSIONS} further types")
    return Recognised(kind, version, _generation(version, kind), extensions)


def _kind(types: tuple[str, ...]) -> Kind:
    found = [kind for kind in _SHORT if kind in types]
    if len(found) > 1:
        raise InvalidUntpError("/type", f"several UNTP types at once: {', '.join(sorted(found))}")
    if not found:
        stated = ", ".join(types[:5]) or "no type"
        raise UnsupportedUntpError(f"not a UNTP credential: {stated[:200]}")
    return found[0]


def _version(contexts: tuple[str, ...], kind: Kind) -> str:
    own: list[str] = []
    other: list[str] = []
    for context in contexts:
        if match := _SINGLE.fullmatch(context):
            own.append(match[1])
        elif match := _PER_TYPE.fullmatch(context):
            (own if match[1] == _SHORT[kind] else other).append(match[2])
    versions = sorted(set(own))
    if len(versions) > 1:
        raise InvalidUntpError("/@context", f"several UNTP versions: {', '.join(versions)[:200]}")
    if versions:
        return versions[0]
    if other:
        raise InvalidUntpError("/@context", f"the UNTP context is not that of a {kind}")
    raise UnsupportedUntpError(f"a {kind} without a UNTP context, which tells the version")


def _generation(version: str, kind: Kind) -> Generation:
    if version == "working":
        return Generation.V06
    match = _NUMBER.fullmatch(version)
    if match is None:
        raise UnsupportedUntpError(f"UNTP version {version[:50]!r} is not known")
    number = int(match[1]), int(match[2])
    if kind is Kind.DIA and number == _EARLY_ANCHOR:
        return Generation.V05
    if number < _OLDEST:
        raise UnsupportedUntpError(
            f"UNTP {version[:50]} is not read: 0.5.0 (0.2.1 for identity anchors) is the oldest"
        )
    if number > _NEWEST:
        raise UnsupportedUntpError(f"UNTP {version[:50]} is not read: 0.7 is the newest")
    return Generation(number[1])
