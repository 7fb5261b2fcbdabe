"""How long hypothesis tries: quickly in the suite, thousands of files by --hypothesis-profile."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long", max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck)
)
