"""Conformity topics: one canonical URI for the spellings that the versions use."""

import re

from credentials.untp.errors import InvalidUntpError
from credentials.untp.node import Node, kind_of, object_at, uri_of
from policies.claims import ClaimValue
from resolver.strict_json import Json

TOPIC = "https://vocabulary.uncefact.org/conformity-topic/"
_CODE = re.compile(r"[A-Za-z]+(?:[.-][A-Za-z]+)+")
_STEMS = (
    TOPIC,
    "https://vocabulary.uncefact.org/conformity-topics/",
    "https://vocabulary.uncefact.org/untp/conformity-topic/",
    "https://vocabulary.uncefact.org/untp/conformity-topics/",
)
_CODE_LIST = re.compile(
    r"https://test\.uncefact\.org/vocabulary/untp/[a-z]+/[^/#]+/conformityTopicCode#"
)


def topics_of(node: Node) -> tuple[ClaimValue, ...]:
    """Read `conformityTopic`: a code (0.5, 0.6), or one topic or an array of them (0.7)."""
    found = (_topic(item, pointer) for pointer, item in node.items("conformityTopic"))
    return tuple(dict.fromkeys(ClaimValue(topic) for topic in found))


def canonical_topic(text: str) -> str | None:
    """Write a topic as its canonical URI; None where the text is neither code nor known URI.

    The codes of 0.5 and 0.6 keep their words (`environment.emissions` becomes
    `…/environment-emissions`), as issuers that moved to 0.7 do. They are broader than the topics
    of the 0.7 taxonomy: a framework's vocabulary says how the two relate.
    """
    if match := _CODE_LIST.match(text):
        text = text[match.end() :]
    for stem in _STEMS:
        if text.startswith(stem):
            text = text.removeprefix(stem).rstrip("/")
            break
    return TOPIC + text.lower().replace(".", "-") if _CODE.fullmatch(text) else None


def _topic(value: Json, pointer: str) -> str:
    if isinstance(value, str):
        return canonical_topic(value) or uri_of(value, pointer)
    if not isinstance(value, dict):
        raise InvalidUntpError(pointer, f"must be a topic or its code, is {kind_of(value)}")
    node = object_at(value, pointer)
    text = node.needed_text("id")
    return canonical_topic(text) or uri_of(text, node.at("id"))
