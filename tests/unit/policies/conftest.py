import os

from hypothesis import HealthCheck, Phase, settings

# How long an example takes to make is the machine's business: it may be busy.
settings.register_profile(
    "local", max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "quick", settings.get_profile("local"), max_examples=60, phases=[Phase.generate]
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))
