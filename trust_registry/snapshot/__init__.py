"""Snapshots: the whole state at a journal size, in bytes, to decide from without any network."""
