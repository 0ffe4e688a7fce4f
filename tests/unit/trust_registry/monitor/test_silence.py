"""A log that falls silent: told once, over restarts too, and once when it is heard again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.clock import FixedClock
from resolver.instant import DAY, SECOND, Instant, format_instant
from trust_registry.errors import StoreError
from trust_registry.log.keys import KeyKind, SigningKey, Verified
from trust_registry.log.policies import Policy
from trust_registry.monitor.alerts import Alert, AlertKind
from trust_registry.monitor.silence import UNWITNESSED_MS, WITNESSED_MS, Watch, attested_at
from trust_registry.stores.diary import SqliteDiary

NOW = Instant(1_800_000_000 * SECOND)
HOUR = 3600 * SECOND
LOG = SigningKey.from_seed("registry.test/log", KeyKind.ED25519, b"k" * 32)
ONE, TWO, THREE = (
    SigningKey.from_seed(f"{name}.test", KeyKind.COSIGNATURE, name.encode().ljust(32, b"w"))
    for name in ("one", "two", "three")
)
WITNESSES = "".join(f"witness {key.public.name} {key.public}\n" for key in (ONE, TWO, THREE))
TWO_OF_THREE = "group most 2 one.test two.test three.test\nquorum most\n"
WITNESSED = Policy.parse(f"log {LOG.public}\n{WITNESSES}{TWO_OF_THREE}".encode())
ASKING_NOBODY = Policy.parse(f"log {LOG.public}\n{WITNESSES}quorum none\n".encode())
UNWITNESSED = Policy.of_log(LOG.public)


def cosigned(*made: tuple[SigningKey, int | None]) -> list[Verified]:
    text = "registry.test/log\n"
    return [
        Verified(key.public, key.sign(text, NOW), None if at is None else Instant(at))
        for key, at in made
    ]


@pytest.mark.parametrize(
    ("policy", "made", "expected"),
    [
        (WITNESSED, [], None),
        (WITNESSED, [(ONE, NOW)], None),
        (WITNESSED, [(ONE, NOW), (TWO, NOW - 5), (THREE, NOW - 9)], NOW - 5),
        (WITNESSED, [(THREE, NOW - 9), (ONE, NOW), (TWO, NOW - 5)], NOW - 5),
        (WITNESSED, [(ONE, NOW + 1), (TWO, NOW - 5), (THREE, NOW - 9)], NOW - 9),
        (WITNESSED, [(ONE, None), (TWO, NOW - 5), (THREE, NOW - 9)], NOW - 9),
        (ASKING_NOBODY, [], None),
        (ASKING_NOBODY, [(ONE, NOW - 9), (TWO, NOW - 5)], NOW - 5),
        (ASKING_NOBODY, [(ONE, None)], None),
    ],
)
def test_a_checkpoint_is_as_new_as_enough_of_its_witnesses_say(
    policy: Policy, made: list[tuple[SigningKey, int | None]], expected: int | None
) -> None:
    assert attested_at(cosigned(*made), policy, NOW) == expected


class Watched:
    """A watch whose process may be started again, and whose clock is set."""

    def __init__(self, path: Path, policy: Policy, stale_after_ms: int | None = None) -> None:
        self.path, self.policy, self.stale_after_ms = path, policy, stale_after_ms
        self.clock = FixedClock(NOW)
        self.diary = SqliteDiary(path)
        self.restart()

    def restart(self) -> None:
        self.diary.close()
        self.diary = SqliteDiary(self.path)
        self.watch = Watch(self.diary, self.policy, self.clock, self.stale_after_ms)

    def after(self, ms: int, hindrance: str = "") -> Alert | None:
        """Let time pass, judge, and tell."""
        self.clock.instant = Instant(self.clock.instant + ms)
        alert = self.watch.judge(hindrance)
        if alert is not None:
            self.watch.told(alert)
        return alert


@pytest.fixture(params=["running", "restarted"])
def restarts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "restarted")


@pytest.fixture
def opened() -> Iterator[list[Watched]]:
    opened: list[Watched] = []
    yield opened
    for each in opened:
        each.diary.close()


def test_a_frozen_log_is_told_once_and_its_return_once(
    tmp_path: Path, opened: list[Watched], *, restarts: bool
) -> None:
    """The log is read all the time; only the cosignatures get no newer."""
    watched = Watched(tmp_path / "diary.sqlite", WITNESSED)
    opened.append(watched)
    kinds = []
    for _ in range(2):
        watched.watch.looked(watched.clock.now(), grew=False)
        shown = watched.clock.now()
        for waited in (0, WITNESSED_MS, 1, 1, DAY):
            if restarts:
                watched.restart()
            watched.watch.looked(shown, grew=True)  # growth that no witness saw is no sign
            alert = watched.after(waited)
            kinds.append(alert.kind if alert else None)
            assert watched.watch.silent is (watched.clock.now() - shown > WITNESSED_MS)
    first = [None, None, AlertKind.SILENT, None, None]
    assert kinds == [*first, AlertKind.HEARD, *first[1:]]
    assert [each.kind for each in watched.diary.alerts(9)] == [each for each in kinds if each]


def test_an_older_cosignature_takes_no_sign_of_life_back(
    tmp_path: Path, opened: list[Watched]
) -> None:
    watched = Watched(tmp_path / "diary.sqlite", WITNESSED)
    opened.append(watched)
    watched.watch.looked(NOW, grew=False)
    for attested in (Instant(NOW - DAY), None):
        watched.watch.looked(attested, grew=False)
        assert watched.watch.last_sign == NOW
        assert watched.after(0) is None


def test_a_log_whose_cosignatures_were_old_from_the_first_is_silent_at_once(
    tmp_path: Path, opened: list[Watched]
) -> None:
    watched = Watched(tmp_path / "diary.sqlite", WITNESSED)
    opened.append(watched)
    watched.watch.looked(Instant(NOW - DAY), grew=True)
    alert = watched.after(0)
    assert alert is not None
    assert str(alert).startswith(
        f"ALARM: silent since {format_instant(Instant(NOW - DAY))}: its wi"
    )
    assert alert.json() == {"alarm": alert.text, "kind": "silent", "at": format_instant(NOW)}


def test_a_log_that_was_never_read_or_never_cosigned_is_silent_since_it_is_watched(
    tmp_path: Path, opened: list[Watched]
) -> None:
    for name, looks in (("unread", False), ("uncosigned", True)):
        watched = Watched(tmp_path / name, WITNESSED)
        opened.append(watched)
        why = "it cannot be read" if not looks else ""
        for waited, silent in ((HOUR, False), (1, True)):
            watched.restart()
            if looks:
                watched.watch.looked(None, grew=True)
            alert = watched.after(waited, why)
            assert (alert is not None) is silent
        assert alert is not None
        assert alert.text.startswith(f"silent since {format_instant(NOW)}: {why}")


def test_without_witnesses_only_growth_is_a_sign(
    tmp_path: Path, opened: list[Watched], *, restarts: bool
) -> None:
    watched = Watched(tmp_path / "diary.sqlite", UNWITNESSED)
    opened.append(watched)
    assert watched.after(DAY, "it cannot be read") is None
    watched.watch.looked(None, grew=False)  # the first look at all
    assert watched.watch.last_sign == NOW + DAY
    assert watched.after(UNWITNESSED_MS) is None
    if restarts:
        watched.restart()
    watched.watch.looked(None, grew=False)
    alert = watched.after(1)
    assert alert is not None
    assert "names no witness" in alert.text
    watched.watch.looked(None, grew=True)
    again = watched.after(0)
    assert again is not None
    assert str(again) == f"ALL CLEAR: heard again, last at {format_instant(watched.clock.now())}"
    assert again.json()["all_clear"] == again.text


def test_how_long_is_too_long_can_be_said(tmp_path: Path, opened: list[Watched]) -> None:
    watched = Watched(tmp_path / "diary.sqlite", UNWITNESSED, stale_after_ms=1000)
    opened.append(watched)
    assert watched.after(1000) is None
    assert watched.after(1) is not None


def test_a_misbehaviour_is_remembered_once_and_ends_no_silence(
    tmp_path: Path, opened: list[Watched]
) -> None:
    watched = Watched(tmp_path / "diary.sqlite", WITNESSED)
    opened.append(watched)
    assert watched.after(HOUR + 1) is not None
    for _ in range(2):
        watched.watch.told(Alert(watched.clock.now(), AlertKind.MISBEHAVED, "it shrank"))
        assert watched.watch.silent
    assert [each.kind.value for each in watched.diary.alerts(9)] == ["silent", "misbehaviour"]
    assert [each.kind.value for each in watched.diary.alerts(1)] == ["misbehaviour"]
    watched.restart()
    assert watched.after(0) is None


def test_a_diary_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite"
    file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError):
        SqliteDiary(file)
