"""The demo's data, read from YAML into types: whoever misspells a word is told where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from resolver.instant import Instant, parse_instant
from resolver.strict_json import Json
from touchstone.demo.errors import DemoDataError

DEMO_FOLDER = Path(__file__).parents[2] / "deploy" / "demo"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartyData(_Closed):
    """A party: what the registry is told about it, and how many test keys it has."""

    name: str
    did: str
    kinds: tuple[str, ...] = ()
    jurisdiction: str = ""
    domains: tuple[str, ...] = ()
    trading_names: tuple[str, ...] = ()
    keys: int = 1
    registered: bool = True


class EvidenceData(_Closed):
    """A document: where it is, and the text whose SHA-256 the act carries."""

    uri: str
    text: str


class PassesOnData(_Closed):
    """What an accreditation lets its holder grant."""

    actions: list[str]
    depth: int


class _Dated(_Closed):
    day: date
    by: str
    approved_by: tuple[str, ...] = ()
    decided_on: date | None = None
    evidence: tuple[EvidenceData, ...] = ()


class _Applied(_Dated):
    """What somebody may apply for by itself, with what gives it its authority."""

    legal_basis: tuple[EvidenceData, ...] = ()


class Registration(_Applied):
    """Parties that the board registers, by name or from a published list of issuers."""

    act: Literal["register_party"]
    entities: tuple[str, ...] = ()
    issuers: str | None = None


class Grant(_Applied):
    """A statement of authority: about one entity, or about all on a published list of issuers."""

    act: Literal["add_anchor", "authorise", "accredit"]
    id: str
    entity: str | None = None
    issuers: str | None = None
    action: str | None = None
    passes_on: PassesOnData | None = None
    scope: JsonValue = None
    scopes: dict[str, JsonValue] = Field(default_factory=dict)
    valid_from: date | None = None
    valid_until: date | None = None


class StatusAct(_Dated):
    """A suspension or withdrawal of a statement made earlier."""

    act: Literal["suspend", "withdraw"]
    id: str
    statement: str
    effective_from: date
    issued: str
    ground: str
    scope: JsonValue = None


class Compromise(_Dated):
    """A key that others may have used."""

    act: Literal["compromise_key"]
    id: str
    entity: str
    key: int
    since: date = Field(alias="from")


class Objection(_Dated):
    """What a party says in public against an act that waits."""

    act: Literal["object"]
    proposal: str
    ground: str


class AppealData(_Dated):
    """An appeal against a suspension or withdrawal, by whom that is about."""

    act: Literal["appeal"]
    id: str
    change: str
    ground: str


class Verdict(_Dated):
    """What the board decides on an appeal."""

    act: Literal["decide_appeal"]
    id: str
    appeal: str
    decision: str
    ground: str


ActData = Annotated[
    Registration | Grant | StatusAct | Compromise | Objection | AppealData | Verdict,
    Field(discriminator="act"),
]


class History(_Closed):
    """All acts, in the order in which they are recorded."""

    founded_on: date
    founded_by: str
    schemes: dict[str, str]
    board: tuple[str, ...]
    acts: tuple[ActData, ...]


class ListedIssuer(_Closed):
    """One line of a published list of issuers, in the format British Columbia uses."""

    id: str
    name: str
    scope: str


class Expected(_Closed):
    """The answer that a credential must get."""

    outcome: str
    reason: str
    gaps: tuple[str, ...] = ()
    recorded_later: bool = False


class PartyReference(_Closed):
    """Who a credential is about."""

    name: str
    did: str | None = None
    id: str | None = None
    registered_id: str | None = None


class Site(_Closed):
    """A mine or plant."""

    id: str
    name: str
    country: str | None = None


class ProductReference(_Closed):
    """A product, with its heading in the Harmonized System."""

    id: str
    name: str
    hs: str | None = None


class Register(_Closed):
    """A register of identities."""

    id: str
    name: str
    type: str


class CredentialData(_Closed):
    """A credential to issue, and the answer it must get."""

    id: str
    kind: Literal["DCC", "DPP", "DIA"]
    form: Literal["jwt", "enveloped", "embedded"]
    issuer: str
    valid_from: date
    name: str
    expect: Expected
    because: str
    key: int = 1
    scheme: str | None = None
    achievement: str | None = None
    activity: str | None = None
    assessment_level: str | None = None
    assessor_level: str | None = None
    issued_to: PartyReference | None = None
    site: Site | None = None
    product: ProductReference | None = None
    register_: Register | None = Field(default=None, alias="register")
    registered: date | None = None


class QuestionData(_Closed):
    """A question that the demo asks itself, and the outcome it must get."""

    text: str
    issuer: str
    at: date
    outcome: str
    claim: dict[str, str]


class LinkData(_Closed):
    """A link, and who publishes it."""

    by: str
    link: dict[str, JsonValue]


class _Links(_Closed):
    links: tuple[LinkData, ...]


class _Parties(_Closed):
    parties: dict[str, PartyData]


class _Credentials(_Closed):
    shared: dict[str, dict[str, object]]
    credentials: tuple[CredentialData, ...]


class _Questions(_Closed):
    questions: tuple[QuestionData, ...]


class _Issuers(_Closed):
    issuers: tuple[ListedIssuer, ...]


@dataclass(frozen=True, slots=True)
class DemoData:
    """Everything under `deploy/demo`.

    Attributes:
        parties: by short name.
        history: the acts that build the registry.
        credentials: what is issued, each with its expected answer.
        questions: what the demo asks itself.
        issuers: published lists of issuers, by file name.
        framework: the governance framework as written, members by short name.
        links: what identifiers of products lead to.
    """

    parties: Mapping[str, PartyData]
    history: History
    credentials: tuple[CredentialData, ...]
    questions: tuple[QuestionData, ...]
    issuers: Mapping[str, tuple[ListedIssuer, ...]]
    framework: Mapping[str, Json]
    links: tuple[LinkData, ...]

    @property
    def seated(self) -> frozenset[str]:
        """The short names of the board's members."""
        members = self.framework.get("members")
        seats = members if isinstance(members, list) else []
        return frozenset(str(seat.get("party")) for seat in seats if isinstance(seat, dict))

    def named(self, did: str) -> str:
        """Return the short name of the party with a DID.

        Raises:
            DemoDataError: there is none.
        """
        for name, party in self.parties.items():
            if party.did == did:
                return name
        raise DemoDataError(f"no party in parties.yaml has the DID {did}")


def read_demo(folder: Path = DEMO_FOLDER) -> DemoData:
    """Read the demo's data; it blocks, so call it off the event loop.

    Raises:
        DemoDataError: a file is absent or not what it should be; the message names it.
    """
    history = _read(folder / "acts.yaml", History)
    lists = {
        act.issuers
        for act in history.acts
        if isinstance(act, Registration | Grant) and act.issuers is not None
    }
    return DemoData(
        _read(folder / "parties.yaml", _Parties).parties,
        history,
        _read(folder / "credentials.yaml", _Credentials).credentials,
        _read(folder / "questions.yaml", _Questions).questions,
        {name: read_issuers(folder / name) for name in sorted(lists)},
        _read(folder / "framework.yaml", dict[str, JsonValue]),
        _read(folder / "links.yaml", _Links).links,
    )


def read_issuers(path: Path) -> tuple[ListedIssuer, ...]:
    """Read a published list of issuers: `{"issuers": [{"id", "name", "scope"}, ...]}`. It blocks.

    Raises:
        DemoDataError: the file is absent, or no such list.
    """
    return _read(path, _Issuers).issuers


_T = TypeVar("_T")


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        text = f"the demo's data is not here, it comes with a clone of the project: {error}"
        raise DemoDataError(text) from error
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise DemoDataError(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DemoDataError(f"{path.name}: {where}: {first['msg']}") from error


def instant_on(written: date, hour: int = 0) -> Instant:
    """Return an instant on a day, at a full hour UTC."""
    return parse_instant(f"{written.isoformat()}T{hour:02d}:00:00Z")
