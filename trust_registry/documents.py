"""Governance frameworks as written (YAML or JSON), read into what the rules think in."""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, PlainValidator, ValidationError

from policies.claims import Dimension, Source
from policies.framework import Framework, Member, Reservation, Rule, ValidityModel
from policies.scope import Vocabulary
from policies.statements import PartyId, Recorded
from resolver.errors import ResolverError
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from trust_registry.errors import InvalidFrameworkError
from trust_registry.fields import Closed, DidField, NameField, ScopeField, ThumbprintField, UriField

HOUR = 3_600_000
BOARD_ACTS = (
    "register_party",
    "add_anchor",
    "backdate",
    "suspend",
    "withdraw",
    "reinstate",
    "exclude",
    "compromise_key",
)
"""The kinds of act that a framework must give a quorum for; `backdate` is any grant that holds from
before its recording."""


def _share(value: object) -> Fraction:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError("a share is written 2/3, 0.7 or 70%")  # noqa: TRY004 - for pydantic
    text = str(value).strip()
    share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    if not 0 < share <= 1:
        raise ValueError("a share lies above 0 and at most at 1")
    return share


ShareField = Annotated[Fraction, PlainValidator(_share)]
Names = Annotated[tuple[NameField, ...], Field(strict=False, min_length=1)]


class MemberDocument(Closed):
    """A seated member as written."""

    did: DidField
    name: NameField
    seat: NameField
    control_group: str = ""
    keys: Annotated[tuple[ThumbprintField, ...], Field(strict=False, min_length=1, max_length=8)]


class RuleDocument(Closed):
    """A quorum as written."""

    share: ShareField
    minimum: dict[str, Annotated[int, Field(ge=0)]] = {}
    waiting_hours: Annotated[float, Field(strict=False, ge=0)] = 0


class ReservationDocument(Closed):
    """A reserved scope as written."""

    id: NameField
    scope: ScopeField
    anchors: Annotated[tuple[DidField, ...], Field(strict=False, min_length=1)]


class VocabularyDocument(Closed):
    """Which values are broader than which, as written."""

    commodities: dict[str, str] = {}
    topics: dict[str, str] = {}
    achievements: dict[str, Names] = {}
    sources: dict[str, str] = {}


class FrameworkDocument(Closed):
    """A governance framework as written."""

    id: UriField
    name: NameField
    version: Annotated[int, Field(ge=1)]
    members: Annotated[tuple[MemberDocument, ...], Field(strict=False, min_length=1)]
    rules: dict[str, RuleDocument]
    reserved: Annotated[tuple[ReservationDocument, ...], Field(strict=False)] = ()
    vocabulary: VocabularyDocument = VocabularyDocument()
    validity_model: Annotated[ValidityModel, Field(strict=False)] = ValidityModel.SHELL
    max_staleness_seconds: Annotated[int, Field(ge=0, le=86_400)] = 300
    max_chain: Annotated[int, Field(ge=1, le=16)] = 6
    emergency_hours: Annotated[int, Field(ge=1, le=720)] = 72
    accept_asserted_after_expiry: bool = False


def load_framework(document: Mapping[str, object], recorded: Recorded) -> Framework:
    """Read a framework.

    Args:
        document: as written in YAML or JSON.
        recorded: where and when the journal took it down.

    Raises:
        InvalidFrameworkError: not what its schema demands; the member says where.
    """
    try:
        written = FrameworkDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        pointer = "/" + "/".join(str(step) for step in first["loc"])
        raise InvalidFrameworkError(pointer, first["msg"]) from None
    _check(written)
    return Framework(
        id=PartyId(written.id),
        version=written.version,
        name=written.name,
        digest=framework_digest(document),
        members=tuple(_member(member) for member in written.members),
        rules={name: _rule(rule) for name, rule in written.rules.items()},
        recorded=recorded,
        vocabulary=_vocabulary(written.vocabulary),
        reserved=tuple(
            Reservation(each.id, each.scope, frozenset(each.anchors)) for each in written.reserved
        ),
        model=written.validity_model,
        max_staleness_ms=written.max_staleness_seconds * 1000,
        max_chain=written.max_chain,
        emergency_ms=written.emergency_hours * HOUR,
        accept_asserted_after_expiry=written.accept_asserted_after_expiry,
    )


def framework_digest(document: Mapping[str, object]) -> str:
    """Return what verifiers pin: SHA-256 of the framework's canonical form, in hex.

    Raises:
        InvalidFrameworkError: it has no canonical form.
    """
    try:
        return hashlib.sha256(canonicalise(as_json(document))).hexdigest()
    except ResolverError as error:
        raise InvalidFrameworkError("", str(error)) from None


def as_json(value: object) -> Json:
    """Return a value as JSON.

    Raises:
        InvalidFrameworkError: it holds what JSON does not have, such as YAML's dates.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): as_json(each) for name, each in value.items()}
    raise InvalidFrameworkError("", f"{type(value).__name__} is not JSON; write it as a string")


def read_framework(path: Path) -> dict[str, Json]:
    """Read a framework's document from a YAML file; it blocks.

    Raises:
        InvalidFrameworkError: the file is absent, no YAML, or no mapping.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidFrameworkError("", f"{path.name}: {error}") from error
    read = as_json(document)
    if not isinstance(read, dict):
        raise InvalidFrameworkError("", f"{path.name}: a framework is a mapping")
    return read


def _check(written: FrameworkDocument) -> None:
    missing = [name for name in BOARD_ACTS if name not in written.rules]
    if missing:
        raise InvalidFrameworkError(f"/rules/{missing[0]}", "no quorum is written for it")
    seats = {member.seat for member in written.members}
    for name, rule in written.rules.items():
        if name not in BOARD_ACTS:
            raise InvalidFrameworkError(f"/rules/{name}", "not a kind of act of the board")
        for seat in rule.minimum:
            if seat not in seats:
                raise InvalidFrameworkError(
                    f"/rules/{name}/minimum/{seat}", "no member is seated in it; it would block"
                )
    dids = [member.did for member in written.members]
    if len(set(dids)) < len(dids):
        raise InvalidFrameworkError("/members", "a DID is seated twice")


def _member(written: MemberDocument) -> Member:
    group = written.control_group or written.did.text
    return Member(written.did, written.name, written.seat, group, frozenset(written.keys))


def _rule(written: RuleDocument) -> Rule:
    return Rule(written.share, dict(written.minimum), int(written.waiting_hours * HOUR))


def _vocabulary(written: VocabularyDocument) -> Vocabulary:
    try:
        sources = {
            Dimension(name): Source[source.upper()] for name, source in written.sources.items()
        }
    except (ValueError, KeyError) as error:
        raise InvalidFrameworkError("/vocabulary/sources", f"unknown: {error}") from None
    for name, parents in (("commodities", written.commodities), ("topics", written.topics)):
        for value in parents:
            if value in _ancestors(parents, value):
                raise InvalidFrameworkError(f"/vocabulary/{name}/{value}", "broader than itself")
    return Vocabulary(
        dict(written.commodities), dict(written.topics), dict(written.achievements), sources
    )


def _ancestors(parents: Mapping[str, str], value: str) -> set[str]:
    found: set[str] = set()
    while (parent := parents.get(value)) is not None and parent not in found:
        found.add(parent)
        value = parent
    return found
