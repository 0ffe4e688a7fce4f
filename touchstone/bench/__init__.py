"""The bench: what answers cost, beside floors measured in the same run."""

from touchstone.bench.running import run

__all__ = ["run"]
