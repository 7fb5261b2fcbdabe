"""Imports every module with tables, so that the metadata is whole: for migrations and tests."""

from importlib import import_module

MODULES = (
    "supplychain.tables",
    "supplychain.risk_tables",
    "supplychain.scenario_tables",
    "supplychain.alert_tables",
    "supplychain.vouching_tables",
    "sharing.tables",
    "sharing.key_tables",
    "sharing.consent_tables",
    "sharing.release_tables",
    "sharing.rollout_tables",
    "labs.tables",
    "courses.tables",
    "hub.tables",
    "hub.oidc_tables",
    "hub.hook_tables",
)

for _module in MODULES:
    import_module(_module)
