from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.identifier import Element, Identifier
from link_resolver.link_types import canonical
from link_resolver.links import Link
from link_resolver.matching import Wanted
from link_resolver.preferences import read_languages
from link_resolver.resolving import (
    Candidates,
    HandedOver,
    Handover,
    Linkset,
    NotFound,
    Profile,
    Redirect,
    Resolution,
    pass_on,
    paths,
    resolve,
)
from resolver.instant import END, Instant
from tests.links import MemoryStore, make_link

GTIN = "09506000164908"
KEY = f"/01/{GTIN}"
NOW = Instant(1_000_000)


def product(*qualifiers: tuple[str, str], query: str = "") -> Identifier:
    elements = tuple(Element(*each) for each in qualifiers)
    return Identifier("gs1", Element("01", GTIN), elements, query=query)


def ask(identifier: Identifier, links: Sequence[Link], link_type: str = "", **more) -> Resolution:
    wanted = Wanted(canonical(link_type) if link_type else None, read_languages(more.pop("l", "")))
    found = MemoryStore(links).links(paths(identifier))
    return resolve(identifier, wanted, found, more.pop("now", NOW), **more)


def location(resolution: Resolution) -> str:
    assert isinstance(resolution.answer, Redirect), resolution
    return resolution.answer.location


def test_walking_up_ends_at_the_first_level_that_has_the_type() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/pip", default=True),
        make_link(KEY, "dpp", "https://t.example/dpp"),
        make_link(f"{KEY}/10/L1", "dpp", "https://t.example/batch"),
        make_link(f"{KEY}/21/S1", "dpp", "https://t.example/serial"),
    ]
    item = product(("10", "L1"), ("21", "S1"))
    assert location(ask(item, links, "untp:dpp")) == "https://t.example/serial"
    assert location(ask(product(("10", "L1")), links, "dpp")) == "https://t.example/batch"
    assert location(ask(product(("10", "L2")), links, "dpp")) == "https://t.example/dpp"
    assert location(ask(item, links, "pip")) == "https://t.example/pip"
    assert location(ask(item, links)) == "https://t.example/pip"


def test_the_path_that_a_serial_came_with_is_its_own_level() -> None:
    links = [make_link(f"{KEY}/10/L1/21/S1", "dpp", "https://t.example/own")]
    item = product(("10", "L1"), ("21", "S1"))
    assert location(ask(item, links, "dpp")) == "https://t.example/own"


def test_a_type_that_no_level_has_is_not_found_by_gs1s_rules() -> None:
    links = [make_link(KEY, "gs1:pip", "https://t.example/pip", default=True)]
    resolution = ask(product(("10", "L1")), links, "gs1:nosuchlt")
    assert resolution.answer == NotFound()
    assert resolution.levels[0].links == tuple(links)


def test_by_untps_rules_it_is_the_default() -> None:
    links = [make_link(KEY, "gs1:pip", "https://t.example/pip", default=True)]
    resolution = ask(product(), links, "dcc", profile=Profile.UNTP)
    assert location(resolution) == "https://t.example/pip"


def test_by_untps_rules_another_resolver_comes_before_the_default() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/pip", default=True),
        make_link(KEY, "idr", "https://other.example/x"),
    ]
    item = product(query="linkType=dcc")
    resolution = ask(item, links, "dcc", profile=Profile.UNTP)
    assert location(resolution) == "https://other.example/x?linkType=dcc"
    assert ask(item, links, "dcc").answer == NotFound()


def test_nothing_known_is_not_found_or_handed_over() -> None:
    item = product(("21", "S/1"), query="linkType=gs1:pip&x=1")
    assert ask(item, []).answer == NotFound()
    handovers = [
        Handover("gs1", "950", "https://mo.example"),
        Handover("gs1", "9506000", "https://brand.example/"),
        Handover("gs1", "9507", "https://wrong.example"),
        Handover("lei", "0", "https://lei.example"),
    ]
    answer = ask(item, [], handovers=handovers).answer
    uri = f"https://brand.example/01/{GTIN}/21/S%2F1?linkType=gs1:pip&x=1"
    assert answer == HandedOver(uri)
    assert ask(item, [], handovers=handovers[2:]).answer == NotFound()
    known = [make_link(KEY, "gs1:pip", "https://t.example/pip", default=True)]
    assert isinstance(ask(item, known, handovers=handovers).answer, Redirect)


def test_other_schemes_are_handed_over_by_how_the_key_begins() -> None:
    lei = Identifier("lei", Element("lei", "5493001KJTIIGC8Y1R12"))
    answer = ask(lei, [], handovers=[Handover("lei", "5493", "https://lei.example")]).answer
    assert answer == HandedOver(lei.uri("https://lei.example"))


def test_defaults_that_vary_by_language() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/any", default=True),
        make_link(KEY, "gs1:pip", "https://t.example/de", default=True, hreflang=("de",)),
        make_link(KEY, "gs1:pip", "https://t.example/fr", default=True, hreflang=("fr",)),
    ]
    assert location(ask(product(), links, l="de-CH")) == "https://t.example/de"
    assert location(ask(product(), links, l="es")) == "https://t.example/any"
    assert location(ask(product(), links)) == "https://t.example/any"
    # Not 300, even where every default has a language: one of them is the default.
    assert location(ask(product(), links[1:], l="es")) == "https://t.example/de"


def test_a_default_of_a_coarser_level_serves_a_finer_one() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/pip", default=True),
        make_link(f"{KEY}/10/L1", "dpp", "https://t.example/batch"),
    ]
    assert location(ask(product(("10", "L1")), links)) == "https://t.example/pip"


def test_without_a_default_one_link_is_it_and_several_are_candidates() -> None:
    links = [make_link(KEY, "dpp", "https://t.example/dpp")]
    assert location(ask(product(), links)) == "https://t.example/dpp"
    links.append(make_link(KEY, "dcc", "https://t.example/dcc"))
    answer = ask(product(), links).answer
    assert isinstance(answer, Candidates)
    assert set(answer.links) == set(links)


def test_without_a_default_another_resolver_is_asked() -> None:
    links = [
        make_link(f"{KEY}/21/S1", "idr", "https://other.example/item"),
        make_link(KEY, "dpp", "https://t.example/dpp"),
    ]
    assert location(ask(product(("21", "S1")), links)) == "https://other.example/item"


def test_links_that_suit_alike_are_candidates() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/a"),
        make_link(KEY, "gs1:pip", "https://t.example/b"),
    ]
    assert ask(product(), links, "pip").answer == Candidates(tuple(links))


def test_a_listing_merges_all_levels() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/pip"),
        make_link(f"{KEY}/10/L1", "dpp", "https://t.example/batch"),
        make_link(f"{KEY}/21/S1", "dpp", "https://t.example/serial"),
        make_link(f"{KEY}/10/L2", "dpp", "https://t.example/another"),
    ]
    resolution = ask(product(("10", "L1"), ("21", "S1")), links, listing=True)
    assert resolution.answer == Linkset()
    assert [level.path for level in resolution.levels] == [f"{KEY}/21/S1", f"{KEY}/10/L1", KEY]


@pytest.mark.parametrize(("fwqs", "passed"), [(None, "?a=1"), (True, "?a=1"), (False, "")])
def test_the_query_is_passed_on_unless_the_publisher_says_no(fwqs, passed) -> None:
    links = [make_link(KEY, "gs1:pip", "https://t.example/pip", default=True, fwqs=fwqs)]
    assert location(ask(product(query="a=1"), links)) == f"https://t.example/pip{passed}"


@pytest.mark.parametrize(
    ("target", "whole"),
    [
        ("https://t.example/", "https://t.example/?a=b&c=%20"),
        ("https://t.example/?x=y", "https://t.example/?x=y&a=b&c=%20"),
        ("https://t.example/#part", "https://t.example/?a=b&c=%20#part"),
        ("https://t.example/?x=y#part", "https://t.example/?x=y&a=b&c=%20#part"),
        ("https://t.example/?", "https://t.example/?a=b&c=%20"),
    ],
)
def test_a_query_goes_where_it_belongs(target: str, whole: str) -> None:
    assert pass_on(target, "a=b&c=%20") == whole
    assert pass_on(target, "") == target


def test_links_begin_and_end() -> None:
    links = [
        make_link(KEY, "gs1:pip", "https://t.example/now", default=True),
        make_link(KEY, "dpp", "https://t.example/later", active_from=Instant(NOW + 5)),
        make_link(KEY, "dcc", "https://t.example/sooner", active_until=Instant(NOW + 3)),
        make_link(KEY, "dte", "https://t.example/over", active_until=NOW),
    ]
    assert ask(product(), links, "dpp").answer == NotFound()
    assert ask(product(), links, "dte").answer == NotFound()
    assert ask(product(), links).until == NOW + 3
    later = Instant(NOW + 5)
    assert location(ask(product(), links, "dpp", now=later)) == "https://t.example/later"
    assert ask(product(), links, "dcc", now=later).answer == NotFound()
    assert ask(product(), links, now=later).until == END


def test_links_for_a_role_do_not_exist_for_others() -> None:
    secret = make_link(
        KEY, "dte", "https://t.example/secret", access_role=("untp:accessRole#Owner",)
    )
    public = make_link(KEY, "gs1:pip", "https://t.example/pip", default=True)
    for links in ([secret], [secret, public]):
        without = [each for each in links if each is not secret]
        for link_type in ("", "dte", "gs1:pip"):
            for listing in (False, True):
                hidden = ask(product(), links, link_type, listing=listing)
                assert hidden == ask(product(), without, link_type, listing=listing)
    owner = frozenset({"untp:accessRole#Owner"})
    assert location(ask(product(), [secret, public], "dte", roles=owner)) == secret.href


def test_a_handover_is_for_keys_of_its_own_scheme() -> None:
    elsewhere = Handover("gleif", GTIN[:4], "https://lei.example")
    assert ask(product(), [], handovers=[elsewhere]).answer == NotFound()


def test_one_of_the_roles_of_a_link_suffices() -> None:
    shared = make_link(KEY, "dte", "https://t.example/shared", access_role=("owner", "customs"))
    for roles in ({"owner"}, {"customs"}, {"owner", "customs"}, {"customs", "other"}):
        assert location(ask(product(), [shared], "dte", roles=frozenset(roles))) == shared.href
    assert ask(product(), [shared], "dte", roles=frozenset({"other"})).answer == NotFound()


def test_who_lost_authority_sends_nobody_to_another_resolver() -> None:
    ended = make_link(KEY, "idr", "https://other.example/x", authorised=False)
    page = make_link(KEY, "gs1:pip", "https://t.example/pip")
    assert ask(product(), [ended, page]).answer == Candidates((page, ended))
    resolution = ask(product(), [ended, page], "dcc", profile=Profile.UNTP)
    assert resolution.answer == Candidates((page, ended))


def test_a_default_that_lost_its_authority_does_not_decide_among_equals() -> None:
    one = make_link(KEY, "gs1:pip", "https://t.example/1", default=True, authorised=False)
    two = make_link(KEY, "gs1:pip", "https://t.example/2", authorised=False)
    assert ask(product(), [one, two], "gs1:pip").answer == Candidates((one, two))


def test_a_link_whose_publisher_lost_authority_is_readable_and_no_default() -> None:
    ended = make_link(KEY, "gs1:pip", "https://t.example/ended", default=True, authorised=False)
    assert location(ask(product(), [ended], "gs1:pip")) == "https://t.example/ended"
    assert ask(product(), [ended], listing=True).levels[0].links == (ended,)
    assert ask(product(), [ended]).answer == Candidates((ended,))
    heir = make_link(KEY, "gs1:pip", "https://t.example/heir", default=True)
    assert location(ask(product(), [ended, heir])) == "https://t.example/heir"
    assert location(ask(product(), [ended, heir], "gs1:pip")) == "https://t.example/heir"


def test_a_template_serves_every_serial() -> None:
    links = [
        make_link(f"{KEY}/21/{{21}}", "dpp", "https://t.example/{01}?s={21}", title="No. {21}"),
        make_link(f"{KEY}/21/S1", "dpp", "https://t.example/first"),
        make_link(KEY, "gs1:pip", "https://t.example/pip", default=True),
    ]
    other = product(("10", "L1"), ("21", "S/2"))
    assert location(ask(other, links, "dpp")) == f"https://t.example/{GTIN}?s=S%2F2"
    assert location(ask(product(("21", "S1")), links, "dpp")) == "https://t.example/first"
    levels = ask(other, links, "dpp", listing=True).levels
    assert levels[0].path == f"{KEY}/21/S%2F2"
    assert levels[0].links[0].title == "No. S/2"
    assert ask(product(), links, "dpp").answer == NotFound()


def test_every_answer_says_why() -> None:
    links = [make_link(KEY, "gs1:pip", "https://t.example/pip", default=True)]
    assert "default" in ask(product(), links).why
    assert "gs1:pip was asked for" in ask(product(("10", "X")), links, "pip").why
    assert "gs1:nosuchlt" in ask(product(), links, "gs1:nosuchlt").why
    assert "nothing is known" in ask(product(), []).why
    resolution = ask(product(), links, "pip")
    assert [each.link for each in resolution.ranked] == links


TYPES = st.sampled_from(["dpp", "dcc", "gs1:pip", "idr"])
PATHS = st.sampled_from([KEY, f"{KEY}/10/L1", f"{KEY}/21/S1", f"{KEY}/21/{{21}}"])
LINKS = st.lists(
    st.builds(
        make_link,
        PATHS,
        TYPES,
        st.sampled_from([f"https://t.example/{n}" for n in range(4)]),
        default=st.booleans(),
        authorised=st.booleans(),
        access_role=st.sampled_from([(), ("role",)]),
    ),
    max_size=6,
)
ITEMS = st.sampled_from([product(), product(("10", "L1")), product(("10", "L1"), ("21", "S1"))])


@given(LINKS, ITEMS, TYPES | st.just(""), st.sampled_from(Profile), st.booleans())
def test_what_a_caller_may_not_see_changes_nothing(links, item, kind, profile, listing) -> None:
    seen = [each for each in links if not each.access_role]
    more = {"profile": profile, "listing": listing}
    assert ask(item, links, kind, **more) == ask(item, seen, kind, **more)


@given(LINKS, ITEMS, TYPES)
def test_a_type_that_is_there_is_never_missed(links, item, kind) -> None:
    there = any(
        each.link_type == canonical(kind) and not each.access_role and each.path in paths(item)
        for each in links
    )
    answer = ask(item, links, kind).answer
    assert isinstance(answer, Redirect | Candidates) == there


@given(LINKS, ITEMS)
def test_a_default_is_authorised(links, item) -> None:
    answer = ask(item, links).answer
    if isinstance(answer, Redirect):
        assert answer.link.authorised
