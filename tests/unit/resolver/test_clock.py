import time

from resolver.clock import Clock, FixedClock, SystemClock
from resolver.instant import SECOND, Instant


def test_the_system_clock_tells_the_machines_time() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now() - time.time() * 1000) < 10 * SECOND


def test_a_fixed_clock_stands_until_it_is_set() -> None:
    clock = FixedClock(Instant(5))
    assert clock.now() == clock.now() == 5
    clock.instant = Instant(6)
    assert clock.now() == 6
