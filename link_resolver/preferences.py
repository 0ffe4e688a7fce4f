"""What a caller prefers: `Accept` and `Accept-Language` (RFC 9110 12.5), and BCP 47 lookup."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_LENGTH = 1000
"""Characters of a header that are read; no browser sends as many."""
_MAX_RANGES = 32

_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*")
_MEDIA = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+|[a-z0-9!#$&^_.+-]+/\*|\*/\*")
_UNDETERMINED = frozenset({"und", "mul", "zxx"})
_ANY = "*"

_STEPS = 100
"""More than a tag has subtags: ranks of one language range lie below those of the next."""
NEUTRAL = 100 * _STEPS
"""The rank of a link that says nothing where the caller prefers something."""
MISS = 10 * NEUTRAL
"""The rank of a link that is for others."""


class Languages(NamedTuple):
    """The languages a caller reads, in small letters.

    Attributes:
        wanted: BCP 47 ranges, the most wanted first.
        refused: ranges with the quality 0.
    """

    wanted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def rank(self, tags: tuple[str, ...]) -> int:
        """Tell how well a link in these languages suits: 0 is best, `MISS` not at all.

        Each range is looked up (RFC 4647 3.4), then used as a filter (3.3.1), before the next.
        """
        tags = tuple(tag for each in tags if (tag := each.lower()) not in _UNDETERMINED)
        if not tags:
            return NEUTRAL if self.wanted else 0
        if not self.wanted:
            return 1
        tags = tuple(tag for tag in tags if not any(_covers(each, tag) for each in self.refused))
        for number, wanted in enumerate(self.wanted):
            steps = _lookup(wanted, tags)
            if steps is not None:
                return number * _STEPS + steps
        return MISS


def _lookup(wanted: str, tags: tuple[str, ...]) -> int | None:
    """Count how much of a range is cut off until it is one of the tags; None where it never is."""
    if wanted == _ANY:
        return _STEPS - 1 if tags else None
    for steps, shorter in enumerate(_shortened(wanted)):
        if shorter in tags:
            return min(steps, _STEPS - 3)
    return _STEPS - 2 if any(_covers(wanted, tag) for tag in tags) else None


def _shortened(tag: str) -> Iterator[str]:
    """Yield a tag, then what is left as subtags are cut off, a singleton with what follows it."""
    subtags = tag.split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


def _covers(wanted: str, tag: str) -> bool:
    return wanted in (_ANY, tag) or tag.startswith(f"{wanted}-")


class MediaTypes(NamedTuple):
    """The media types a caller takes, each range with its quality from 0 to 1."""

    ranges: tuple[tuple[str, float], ...] = ()

    def quality(self, media_type: str) -> float:
        """Return the quality of the most specific range for a type in small letters; 0 for none."""
        given = dict(self.ranges)
        family = f"{media_type.partition('/')[0]}/*"
        return given.get(media_type, given.get(family, given.get("*/*", 0.0)))

    @property
    def indifferent(self) -> bool:
        """Whether every type is as good as every other."""
        return not self.ranges or self.ranges == (("*/*", 1.0),)

    def rank(self, media_type: str | None) -> int:
        """Tell how well a link to this type suits: 0 is best, `MISS` not at all."""
        if self.indifferent:
            return 0 if media_type is None else 1
        if media_type is None:
            anything = dict(self.ranges).get("*/*", 0.0)
            return _steps_down(anything) + 1 if anything else NEUTRAL
        quality = self.quality(media_type.partition(";")[0].strip().lower())
        return _steps_down(quality) if quality else MISS

    def names(self, media_type: str) -> bool:
        """Tell whether a type is asked for by its own name."""
        return dict(self.ranges).get(media_type.partition(";")[0].strip().lower(), 0.0) > 0

    def prefers(self, media_type: str) -> bool:
        """Tell whether a type is asked for by name, and nothing is wanted more."""
        given = dict(self.ranges)
        return given.get(media_type, 0.0) >= max(given.values(), default=1.0) > 0


def _steps_down(quality: float) -> int:
    return 2 * round((1 - quality) * 1000)


@lru_cache(1024)
def read_languages(text: str) -> Languages:
    """Read an `Accept-Language` header, or a `language` parameter; what is no range is skipped."""
    ranges = tuple(_ranges(text, _LANGUAGE))
    return Languages(
        tuple(each for each, quality in ranges if quality > 0),
        tuple(each for each, quality in ranges if quality == 0),
    )


@lru_cache(1024)
def read_media_types(text: str) -> MediaTypes:
    """Read an `Accept` header; what is no media range is skipped."""
    return MediaTypes(tuple(_ranges(text, _MEDIA)))


def _ranges(text: str, form: re.Pattern[str]) -> Iterable[tuple[str, float]]:
    """Return the ranges of a header, the most wanted first and otherwise as they came."""
    found: dict[str, float] = {}
    for item in text[:MAX_LENGTH].split(",", _MAX_RANGES)[:_MAX_RANGES]:
        name, *parameters = item.split(";")
        name = name.strip().lower()
        if form.fullmatch(name):
            qualities = [float(match[1]) for p in parameters if (match := _QUALITY.fullmatch(p))]
            found.setdefault(name, qualities[0] if qualities else 1.0)
    return sorted(found.items(), key=lambda each: -each[1])
