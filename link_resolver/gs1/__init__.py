"""GS1: element strings, their rules, and the Digital Link URIs that carry them."""
