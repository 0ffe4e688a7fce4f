"""A monitor: it follows a log, keeps its own copy, and replays every act with the same rules."""
