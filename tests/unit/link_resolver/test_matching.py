from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_resolver.links import Link
from link_resolver.matching import Wanted, best, defaults, fit, is_asked_for, rank
from link_resolver.preferences import MISS, read_languages, read_media_types
from tests.links import make_link

KEY = "/01/09506000164908"


def wanted(language: str = "", accept: str = "", *contexts: str) -> Wanted:
    return Wanted(None, read_languages(language), read_media_types(accept), contexts)


def a_link(name: str, **more: object) -> Link:
    return make_link(KEY, "gs1:pip", f"https://t.example/{name}", **more)


def chosen(links: Sequence[Link], asked: Wanted) -> list[str]:
    found = best(rank(links, asked))
    return [each.href.removeprefix("https://t.example/") for each in found]


MODEL = [
    a_link("html", media_type="text/html"),
    a_link("html-fr", media_type="text/html", hreflang=("fr",)),
    a_link("pdf", media_type="application/pdf"),
    a_link("pdf-en", media_type="application/pdf", hreflang=("en",)),
    a_link("pdf-en-lk", media_type="application/pdf", hreflang=("en",), context=("LK",)),
]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (wanted("", "text/html"), "html"),
        (wanted("fr", "text/html"), "html-fr"),
        (wanted("", "application/pdf"), "pdf"),
        (wanted("en", "application/pdf"), "pdf-en"),
        (wanted("en", "application/pdf", "LK"), "pdf-en-lk"),
        (wanted("en", "application/pdf", "lk"), "pdf-en-lk"),
        (wanted("en", "application/pdf", "US"), "pdf-en"),
        (wanted("fr-CA, fr;q=0.9, en;q=0.5", "text/html,*/*;q=0.8"), "html-fr"),
    ],
)
def test_attributes_decide(asked: Wanted, name: str) -> None:
    assert chosen(MODEL, asked) == [name]


def test_what_suits_alike_is_undecided() -> None:
    twins = [a_link("a", media_type="text/html"), a_link("b", media_type="text/html")]
    assert chosen(twins, wanted("", "text/html")) == ["a", "b"]


def test_the_default_decides_among_equals() -> None:
    twins = [a_link("a", hreflang=("de",)), a_link("b", hreflang=("fr",), default=True)]
    assert chosen(twins, wanted("en")) == ["b"]


def test_equals_with_one_target_are_one_answer() -> None:
    twins = [a_link("a", title="one"), a_link("a", title="two")]
    assert chosen(twins, wanted()) == ["a"]


ALL = ["de", "en-GB", "zh-Hant"]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("de-CH-1996, fr", ["de"]),
        ("zh-Hant-TW", ["zh-Hant"]),
        ("en", ["en-GB"]),
        ("en-US, de;q=0.5", ["de"]),
        ("DE", ["de"]),
        ("fr;q=0, de;q=0.2", ["de"]),
        ("zh-TW", ALL),  # neither the tag when cut, nor above it: nothing decides
        ("en-x-private-thing", ALL),
        ("es, *;q=0.1", ALL),
    ],
)
def test_languages_are_looked_up_as_bcp_47_says(header: str, found: list[str]) -> None:
    links = [a_link(tag, hreflang=(tag,)) for tag in ALL]
    assert chosen(links, wanted(header)) == found


def test_a_refused_language_is_for_others() -> None:
    assert read_languages("fr;q=0, *").rank(("fr-CA",)) == MISS
    assert read_languages("fr;q=0, *").rank(("de",)) < MISS


def test_no_language_stands_between_the_right_and_the_wrong_one() -> None:
    links = [a_link("de", hreflang=("de",)), a_link("any"), a_link("und", hreflang=("und",))]
    assert chosen(links[:2], wanted("de")) == ["de"]
    assert chosen(links[:2], wanted("fr")) == ["any"]
    assert chosen([links[0], links[2]], wanted("fr")) == ["und"]
    assert chosen(links[:2], wanted()) == ["any"]


def test_a_media_type_outranks_a_language_where_it_cannot_be_used() -> None:
    links = [
        a_link("html", media_type="text/html", hreflang=("en",)),
        a_link("vc", media_type="application/vc+jwt", hreflang=("de",)),
    ]
    assert chosen(links, wanted("en", "application/vc+jwt")) == ["vc"]
    assert chosen(links, wanted("en", "text/html,*/*;q=0.8")) == ["html"]


def test_older_versions_and_ways_to_write_come_last() -> None:
    links = [
        a_link("old", rel=("predecessor-version",)),
        a_link("edit", rel=("edit",), method=("POST", "X-API-Key")),
        a_link("now"),
    ]
    assert chosen(links, wanted()) == ["now"]


def test_a_link_whose_publisher_lost_authority_comes_last() -> None:
    links = [a_link("ended", hreflang=("en",), authorised=False), a_link("held", hreflang=("de",))]
    assert chosen(links, wanted("en")) == ["held"]
    assert chosen(links[:1], wanted("en")) == ["ended"]


def test_defaults() -> None:
    plain = a_link("plain", default=True)
    german = a_link("de", default=True, hreflang=("de",))
    french = a_link("fr", default=True, hreflang=("fr",))
    other = a_link("other")
    lost = a_link("lost", default=True, authorised=False)
    assert defaults([other, german]) == (german, ())
    assert defaults([german, french, plain, other]) == (plain, (german, french))
    assert defaults([german, french]) == (german, (german, french))
    assert defaults([other, lost]) == (None, ())


def test_only_what_is_asked_for_betters_a_default() -> None:
    german = a_link("de", default=True, hreflang=("de",))
    assert is_asked_for(german, wanted("de-CH"))
    assert not is_asked_for(german, wanted("fr"))
    assert not is_asked_for(german, wanted())
    page = a_link("page", media_type="text/html")
    assert is_asked_for(page, wanted("", "text/html"))
    assert not is_asked_for(page, wanted("", "*/*"))
    swiss = a_link("ch", context=("CH",), hreflang=("de",))
    assert is_asked_for(swiss, wanted("", "", "CH"))
    assert not is_asked_for(swiss, wanted("fr", "", "CH"))


TAGS = st.sampled_from(["en", "en-GB", "de", "de-CH", "fr", "zh-Hant", "und"])
TYPES = st.sampled_from([None, "text/html", "application/pdf", "application/vc+jwt"])
CONTEXTS = st.lists(st.sampled_from(["AU", "LK", "CH"]), max_size=2, unique=True).map(tuple)
LINKS = st.lists(
    st.builds(
        a_link,
        st.sampled_from("abcdef"),
        hreflang=st.lists(TAGS, max_size=2, unique=True).map(tuple),
        media_type=TYPES,
        context=CONTEXTS,
        authorised=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)
ASKED = st.builds(
    lambda languages, types, contexts: wanted(",".join(languages), ",".join(types), *contexts),
    st.lists(TAGS | st.just("*"), max_size=3, unique=True),
    st.lists(TYPES.filter(bool) | st.just("*/*"), max_size=2, unique=True),
    CONTEXTS,
)


@given(LINKS, ASKED, st.randoms(use_true_random=False))
def test_the_order_in_which_links_come_decides_nothing(links, asked, random) -> None:
    shuffled = links.copy()
    random.shuffle(shuffled)
    assert {e.href for e in best(rank(links, asked))} == {
        e.href for e in best(rank(shuffled, asked))
    } or len({e.href for e in best(rank(links, asked))}) == 1


@given(LINKS, ASKED)
def test_no_link_is_better_than_the_best(links, asked) -> None:
    found = best(rank(links, asked))
    assert found
    assert all(fit(found[0], asked) <= fit(each, asked) for each in links)


@given(LINKS, ASKED, LINKS)
def test_a_worse_link_changes_nothing(links, asked, more) -> None:
    before = best(rank(links, asked))
    worse = [each for each in more if fit(each, asked) > fit(before[0], asked)]
    assert best(rank([*links, *worse], asked)) == before


@given(LINKS, ASKED)
def test_asking_for_exactly_a_links_attributes_finds_its_like(links, asked) -> None:
    target = links[0]
    exact = wanted(
        ",".join(tag for tag in target.hreflang if tag != "und"),
        target.media_type or "",
        *target.context,
    )
    found = best(rank([e for e in links if e.authorised == target.authorised], exact))
    assert not fit(found[0], exact).wrong_context
    assert fit(found[0], exact) <= fit(target, exact)


@given(st.text(max_size=1200))
def test_headers_of_any_kind_are_read(text: str) -> None:
    read_languages(text).rank(("en",))
    read_media_types(text).rank("text/html")
