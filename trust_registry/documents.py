"""Governance frameworks as documents: closed schemas in, the rules' own types out."""

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Self

import orjson
from pydantic import Field, ValidationError, model_validator

from policies.claims import DIMENSIONS, Dimension, Source
from policies.framework import Framework, Member, Reservation, Rule, ValidityModel
from policies.quorum import FRAMEWORK_ACT, Ballot, carried
from policies.scope import Scope, Vocabulary
from policies.statements import PartyId, Recorded
from resolver.errors import NotCanonicalisableError
from resolver.instant import BEGINNING
from resolver.jcs import canonicalise
from resolver.strict_json import Json
from trust_registry.errors import InvalidFrameworkError, InvalidYamlError
from trust_registry.fields import (
    MAX_ITEMS,
    Closed,
    DidMember,
    Milliseconds,
    Plain,
    ScopeMember,
    Share,
    Thumbprint,
)
from trust_registry.strict_yaml import read_yaml

BOARD_ACTS = (
    "adopt_framework",
    "register_party",
    "amend_party",
    "retire_party",
    "declare_control_group",
    "rotate_keys",
    "recover_keys",
    "compromise_key",
    "add_anchor",
    "rescope_anchor",
    "remove_anchor",
    "authorise",
    "accredit",
    "recognise",
    "renew",
    "narrow",
    "correct",
    "suspend",
    "withdraw",
    "reinstate",
    "exclude",
    "decide_appeal",
)
"""The acts that a board may decide. Those of an authority go to the board when they reach back."""

ACTS = (
    *BOARD_ACTS,
    "approve",
    "reject",
    "take_back",
    "execute",
    "object",
    "appeal",
)
"""All acts that there are."""

STATEMENTS = "statements"
"""What `limits` call how many statements about one party an authority may have at once."""

UNRECORDED = Recorded(0, BEGINNING)
"""Where a document stands that is in no journal yet."""


class MemberDocument(Closed):
    """A seated member.

    Attributes:
        did: what it signs with.
        name: who it is.
        seat: the class of voters it belongs to.
        control_group: members under one control have one vote between them.
        keys: thumbprints of the keys that vote.
        emergency: the claims on which it may suspend by itself, for a while; all where not said.
    """

    did: DidMember
    name: Plain
    seat: Plain = Field(alias="class")
    control_group: Plain | None = None
    keys: Annotated[tuple[Thumbprint, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    emergency: ScopeMember = Field(default_factory=Scope)

    def member(self) -> Member:
        """Return the member; without a declared control group it is its own."""
        group = self.control_group or self.did.text
        keys = frozenset(self.keys)
        return Member(self.did, self.name, self.seat, group, keys, self.emergency)


class RuleDocument(Closed):
    """The quorum for one kind of act.

    Attributes:
        share: of all votes, rounded up.
        minimum: for each class, how many of it must be among them: a number, or a share of it.
        waiting: between proposal and execution.
        objected: the same, where somebody objects.
    """

    share: Share
    minimum: dict[Plain, Annotated[int, Field(ge=1)] | Share] = Field(default_factory=dict)
    waiting: Milliseconds = 0
    objected: Milliseconds = 0

    def rule(self) -> Rule:
        """Return the rule."""
        return Rule(self.share, dict(self.minimum), self.waiting, self.objected)


class ReservationDocument(Closed):
    """A scope reserved to named anchors."""

    id: Plain
    scope: ScopeMember
    anchors: Annotated[tuple[DidMember, ...], Field(min_length=1, max_length=MAX_ITEMS)]

    def reservation(self) -> Reservation:
        """Return the reservation."""
        return Reservation(self.id, self.scope, frozenset(self.anchors))


class VocabularyDocument(Closed):
    """Which values are broader than which, and whose word suffices."""

    commodities: dict[Plain, Plain] = Field(default_factory=dict)
    topics: dict[Plain, Plain] = Field(default_factory=dict)
    achievements: dict[Plain, tuple[Plain, ...]] = Field(default_factory=dict)
    sources: dict[Dimension, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, parents in (("commodities", self.commodities), ("topics", self.topics)):
            for value in parents:
                if _returns(parents, value):
                    raise ValueError(f"{name}: {value!r} is broader than itself")
        for scheme, levels in self.achievements.items():
            if len(set(levels)) != len(levels):
                raise ValueError(f"achievements: {scheme!r} names a level twice")
        unknown = set(self.sources.values()) - {source.name.lower() for source in Source}
        if unknown:
            raise ValueError(f"sources: {min(unknown)!r} is not issuer, evidence or register")
        return self

    def vocabulary(self) -> Vocabulary:
        """Return the vocabulary."""
        return Vocabulary(
            commodities=dict(self.commodities),
            topics=dict(self.topics),
            achievements=dict(self.achievements),
            sources={on: Source[least.upper()] for on, least in self.sources.items()},
        )


def _returns(parents: Mapping[str, str], value: str) -> bool:
    seen, at = {value}, parents.get(value)
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None


class FrameworkDocument(Closed):
    """A governance framework, as members sign it.

    Attributes:
        operator: who runs the registry; it has no seat and no vote.
        applications: how many acts of those who have no seat may wait for the board at once; with
            0, nobody applies by itself.
        act_lifetime: between an act's issue and its expiry, at most; longer than each waiting
            period, after which nothing could be executed any more.
        appeals: within which time a change of status may be appealed.
        limits: how many acts of a kind one party may have recorded in a day (UTC), and how many
            `statements` about one party an authority may have at once, where it is not the usual
            number.
    """

    id: Plain
    name: Plain
    version: Annotated[int, Field(ge=1)]
    members: Annotated[tuple[MemberDocument, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    rules: dict[Plain, RuleDocument]
    reserved: tuple[ReservationDocument, ...] = ()
    vocabulary: VocabularyDocument = Field(default_factory=VocabularyDocument)
    model: ValidityModel = ValidityModel.SHELL
    max_staleness: Milliseconds = 300_000
    max_chain: Annotated[int, Field(ge=1, le=16)] = 6
    emergency: Milliseconds = 72 * 3_600_000
    accept_asserted_after_expiry: bool = False
    accept_upstream_documents: bool = False
    require_schemas: bool = False
    operator: DidMember | None = None
    applications: Annotated[int, Field(ge=0, le=10_000)] = 0
    appeals: Milliseconds = 90 * 86_400_000
    limits: dict[Plain, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    act_lifetime: Milliseconds | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        unknown = set(self.rules) - set(BOARD_ACTS)
        if unknown:
            raise ValueError(f"rules: no board decides {min(unknown)!r}")
        unlimited = set(self.limits) - {*ACTS, STATEMENTS}
        if unlimited:
            raise ValueError(f"limits: there is no act {min(unlimited)!r}")
        if FRAMEWORK_ACT not in self.rules:
            raise ValueError(f"rules: without one for {FRAMEWORK_ACT} it could never change")
        dids = [member.did for member in self.members]
        keys = [key for member in self.members for key in member.keys]
        ids = [reservation.id for reservation in self.reserved]
        for what, given in (("a member's DID", dids), ("a member's key", keys), ("an id", ids)):
            if len(set(given)) != len(given):
                raise ValueError(f"{what} is written twice")
        if self.operator in dids:
            raise ValueError("operator: who runs the registry has no seat")
        longest = max(max(rule.waiting, rule.objected) for rule in self.rules.values())
        if self.act_lifetime is not None and self.act_lifetime <= longest:
            raise ValueError(
                "act_lifetime: what waits for its period would expire before it is over"
            )
        self._refuse_deadlock()
        return self

    def _refuse_deadlock(self) -> None:
        """Refuse a framework that even all its members together could never change again."""
        framework = self.framework("")
        everybody = Ballot(FRAMEWORK_ACT, {member.did: True for member in framework.members})
        if not carried((framework,), everybody, self.rules[FRAMEWORK_ACT].waiting):
            raise ValueError(f"rules: no members could ever reach the one for {FRAMEWORK_ACT}")

    def framework(self, digest: str, recorded: Recorded = UNRECORDED) -> Framework:
        """Return the framework, as recorded.

        Args:
            digest: SHA-256 of the document's canonical bytes, in hex.
            recorded: where the journal took it down.
        """
        return Framework(
            id=PartyId(self.id),
            version=self.version,
            name=self.name,
            digest=digest,
            members=tuple(each.member() for each in self.members),
            rules={act: each.rule() for act, each in self.rules.items()},
            recorded=recorded,
            vocabulary=self.vocabulary.vocabulary(),
            reserved=tuple(each.reservation() for each in self.reserved),
            model=self.model,
            max_staleness_ms=self.max_staleness,
            max_chain=self.max_chain,
            emergency_ms=self.emergency,
            accept_asserted_after_expiry=self.accept_asserted_after_expiry,
            accept_upstream_documents=self.accept_upstream_documents,
            require_schemas=self.require_schemas,
            operator=self.operator,
            applications=self.applications,
            appeal_ms=self.appeals,
            limits=dict(self.limits),
            act_lifetime_ms=self.act_lifetime,
        )


def document_digest(document: Mapping[str, Json]) -> str:
    """SHA-256 of a framework document's canonical bytes, in hex: what verifiers pin.

    Raises:
        InvalidFrameworkError: it has no canonical form.
    """
    try:
        return sha256(canonicalise(dict(document))).hexdigest()
    except NotCanonicalisableError as error:
        raise InvalidFrameworkError("", str(error)) from None


def load_framework(document: Mapping[str, Json], recorded: Recorded = UNRECORDED) -> Framework:
    """Read a framework from its document.

    Args:
        document: parsed YAML or JSON; every scope states every dimension.
        recorded: where the journal took it down.

    Raises:
        InvalidFrameworkError: a member is unknown, missing or not what it should be.
    """
    digest = document_digest(document)
    try:
        model = FrameworkDocument.model_validate_json(orjson.dumps(dict(document)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidFrameworkError(where, first["msg"]) from None
    return model.framework(digest, recorded)


def state_every_dimension(scope: Mapping[str, Json]) -> dict[str, Json]:
    """Expand the shorthand `{..., "rest": "any"}` to a scope that states every dimension.

    A scope without `rest` is returned as it is: what it leaves out is refused later, not guessed.
    """
    stated = {name: value for name, value in scope.items() if name != "rest"}
    if scope.get("rest") == "any":
        for dimension in DIMENSIONS:
            stated.setdefault(dimension.value, "any")
    elif "rest" in scope:
        stated["rest"] = scope["rest"]
    return stated


def read_document(text: str) -> dict[str, Json]:
    """Read a framework's document from YAML (or JSON), expanding the shorthand of its scopes.

    Raises:
        InvalidFrameworkError: it is no YAML mapping.
    """
    try:
        document = read_yaml(text)
    except InvalidYamlError as error:
        raise InvalidFrameworkError("", f"no YAML: {error}") from None
    if not isinstance(document, dict):
        raise InvalidFrameworkError("", "a framework is a mapping")
    for reservation in _list(document.get("reserved")):
        if isinstance(reservation, dict) and isinstance(scope := reservation.get("scope"), dict):
            reservation["scope"] = state_every_dimension(scope)
    return document


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def template(name: str) -> dict[str, Json]:
    """Read one of the frameworks to start from, such as `mine-to-market`; members are yours to add.

    It blocks on the file system: call it off the event loop.

    Raises:
        InvalidFrameworkError: there is no template of that name.
    """
    source = files("policies") / "templates" / f"{name}.yaml"
    if not name.replace("-", "").isalnum() or not source.is_file():
        raise InvalidFrameworkError("", f"no template is called {name!r}")
    return read_document(source.read_text(encoding="utf-8"))
