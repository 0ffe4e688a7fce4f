"""The rules of authority: pure values in, pure values out. No I/O, no clock, no framework."""
