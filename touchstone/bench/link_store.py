"""A store of a given number of keys, each with its default link, and who may publish for them."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from link_resolver.links import Link
from link_resolver.records import sign_record, write_record
from link_resolver.registration import link_id, written
from link_resolver.stores import Kept, next_head
from link_resolver.stores.sqlite import SqliteLinks
from policies.claims import DIMENSIONS
from policies.framework import Framework
from policies.index import Index
from policies.scope import scope_of
from policies.statements import (
    Action,
    Kind,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
)
from resolver.did import Did, DidUrl
from resolver.instant import Instant
from resolver.proofs.jose import parse_flattened
from resolver.signing import PrivateKey
from touchstone.service.publishers import PREFIX

ORIGIN = "https://id.bench.example"
KEY = PrivateKey.from_seed(bytes(range(32)))
PUBLISHER = Did.parse(f"did:key:{KEY.public.multikey}")
COMPANY = "9506000"
MOST_KEYS = 1_000_000
"""Ten packaging levels of the 100,000 items that a company prefix of seven digits holds."""
LINKSET_KEY = "/414/9506000134352"
_LINKSET_LINKS = 50
_LANGUAGES = ("en", "de", "es", "fr", "pt", "zh", "ja", "ko", "it", "sw")
_PER_RECORD = 1000
_TOLD = 200_000
_BEGINNING = Instant(1_760_000_000_000)
_PUBLISHED = Instant(_BEGINNING + 1000)
_FRAMEWORK, _ANCHOR, _MAKER = (PartyId(f"urn:bench:{each}") for each in "fam")


class LinkingRegistry:
    """A registry in which one publisher may link for one company prefix, by a chain of two."""

    origin = ORIGIN

    def __init__(self) -> None:
        self.index = Index()
        self.size = 4
        any_scope = {dimension.value: "any" for dimension in DIMENSIONS}
        own = scope_of({**any_scope, "product": [f"{PREFIX}{COMPANY}"]})
        site = scope_of({**any_scope, "facility": [f"{PREFIX}{COMPANY}"]})
        framework = Framework(_FRAMEWORK, 1, "Bench", "0" * 64, (), {}, _recorded(0))
        self.index.add_framework(framework)
        for number, (party, did) in enumerate(
            ((_ANCHOR, Did.parse("did:web:anchor.example")), (_MAKER, PUBLISHER)), 1
        ):
            self.index.add_party(Party(party, party, (did,), "", _recorded(number)))
        passes_on = PassesOn(frozenset({Action.LINK}), 0)
        for number, (authority, entity, action, scope) in enumerate(
            (
                (_FRAMEWORK, _ANCHOR, Action.ACCREDIT, scope_of(any_scope)),
                (_ANCHOR, _MAKER, Action.LINK, own),
                (_ANCHOR, _MAKER, Action.LINK, site),
            )
        ):
            self.index.add_statement(
                Statement(
                    StatementId(f"{number:064x}"),
                    Kind.AUTHORISATION,
                    authority,
                    entity,
                    action,
                    scope,
                    _BEGINNING,
                    _recorded(3),
                    passes_on=passes_on if action is Action.ACCREDIT else None,
                )
            )

    @property
    def journal(self) -> "LinkingRegistry":
        """Itself: it knows its size."""
        return self

    def size_at(self, _instant: Instant) -> int:
        """Return how many entries there were: always all."""
        return self.size


def _recorded(position: int) -> Recorded:
    return Recorded(position, _BEGINNING)


def gtin_path(number: int) -> str:
    """Return the path of one of a million trade items."""
    level, item = divmod(number, 100_000)
    digits = f"{level}{COMPANY}{item:05d}"
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits))
    return f"/01/{digits}{-total % 10}"


def fill(path: Path, keys: int, tell: Callable[[str], object] = str) -> None:
    """Fill a store with keys, and one more that has a linkset of fifty. It blocks.

    The records are signed; the links are not judged again, to be done in time.

    Args:
        path: where the file is to be.
        keys: how many, a million at most.
        tell: takes a line now and then.
    """
    store = SqliteLinks(path)
    for start in range(0, keys, _PER_RECORD):
        numbers = range(start, min(start + _PER_RECORD, keys))
        _commit(store, [_link(gtin_path(number)) for number in numbers])
        if start and start % _TOLD == 0:
            tell(f"  {start:,} of {keys:,}")
    _commit(store, list(_many()))
    store.close()


def _link(path: str, href: str = "", **more: object) -> Link:
    link = Link(
        id="",
        path=path,
        link_type="https://ref.gs1.org/voc/pip",
        href=href or f"https://products.bench.example{path}",
        title="Product information",
        default=not more,
        publisher=PUBLISHER.text,
        recorded_at=_PUBLISHED,
        **more,  # type: ignore[arg-type] # languages alone
    )
    return link._replace(id=link_id(link))


def _many() -> Iterator[Link]:
    for number in range(_LINKSET_LINKS):
        language = _LANGUAGES[number % len(_LANGUAGES)]
        href = f"https://facilities.bench.example/{number}"
        yield _link(LINKSET_KEY, href, hreflang=(language,), media_type="text/html")


def _commit(store: SqliteLinks, links: list[Link]) -> None:
    payload = write_record(
        [written(each) for each in links], by=PUBLISHER, resolver=ORIGIN, issued=_PUBLISHED
    )
    kid = f"{PUBLISHER}#{KEY.public.multikey}"
    jws = parse_flattened({**sign_record(payload, kid, KEY)})
    last = store.last
    id_ = sha256(payload).hexdigest()
    kept = Kept(
        id=id_,
        jws=jws,
        publisher=PUBLISHER.text,
        issued=_PUBLISHED,
        method=DidUrl.parse(kid),
        key=KEY.public,
        recorded_at=_PUBLISHED,
        position=last.size,
        head=next_head(last.head, id_, _PUBLISHED),
        made=len(links),
    )
    store.commit(kept, links)
