"""Imports every module with tables, so that the metadata is whole: for migrations and tests."""

from importlib import import_module
from importlib.util import find_spec

MODULES = (
    "supplychain.tables",
    "sharing.tables",
    "labs.tables",
    "courses.tables",
    "hub.tables",
    "hub.oidc_tables",
)

for _module in MODULES:
    if find_spec(_module):  # BUILDING
        import_module(_module)
