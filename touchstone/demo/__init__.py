"""The demo: a populated ecosystem, served whole on this machine."""
