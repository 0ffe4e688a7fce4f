import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, Phase, settings

from tests.loopback import TestCa, make_ca

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT.parent / "shared" / "vectors"

# A busy machine is no fault of a test; the timeout of each test bounds its time. What CI tries is
# the same each time, so that it fails for what was changed; what it has not tried, others do.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "quick", settings.get_profile("local"), max_examples=30, phases=[Phase.generate]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of published data and conformance vectors, read in place."""
    if not VECTORS.is_dir():
        if os.environ.get("REQUIRE_VECTORS") == "1":
            pytest.fail("REQUIRE_VECTORS=1, but ../shared/vectors is absent")
        pytest.skip("needs ../shared/vectors, which is absent from this clone")
    return VECTORS


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Fail any test whose event loop is blocked by file, socket, lock or sleep calls.

    A bounded point read on an open SQLite connection costs less than a hop to a thread.
    """
    with blockbuster_ctx() as guard:
        for name in ("Connection.execute", "Cursor.fetchall", "Cursor.fetchone"):
            if (call := guard.functions.get(f"sqlite3.{name}")) is not None:
                call.can_block_in("link_resolver/stores/sqlite.py", "_read")
                call.can_block_in("resolver/stores/heads_sqlite.py", "known")
        yield guard


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> TestCa:
    """An authority whose certificates the fetcher is told to trust."""
    return make_ca(tmp_path_factory.mktemp("ca"))
