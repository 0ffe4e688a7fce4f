"""A witness: it cosigns what a log signed, as long as the log only grows (C2SP tlog-witness)."""
