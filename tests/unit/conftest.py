"""The profile of Hypothesis: the same examples in every run, and no deadline, since the machine may be busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("unit", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")
