import os

from hypothesis import Phase, settings

settings.register_profile("local", max_examples=400, deadline=None)
settings.register_profile(
    "quick", settings.get_profile("local"), max_examples=60, phases=[Phase.generate]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))
