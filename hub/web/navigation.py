"""The main menu: what each role finds there, in order. Data only.

An endpoint that no page has registered is left out, and so is one that `hub.access.RULES`
would refuse to the person at hand.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class Entry(NamedTuple):
    """A line of the menu."""

    endpoint: str
    label: Any  # a lazy string
    roles: tuple[str, ...]
    group: str  # the blueprint whose pages belong to this line


EVERYONE: tuple[str, ...] = ()

ENTRIES: tuple[Entry, ...] = (
    Entry("home.home", _("Home"), EVERYONE, "home"),
    # --- supply
    Entry("supply.map_page", _("Supply map"), ("supply_manager", "vendor"), "supply"),
    Entry("sheets.listing", _("Supplier sheets"), ("supply_manager", "vendor"), "sheets"),
    Entry(
        "declarations.listing", _("Links to confirm"), ("supply_manager", "vendor"), "declarations"
    ),
    Entry("same_firm.queue", _("One firm or two?"), ("supply_manager", "vendor"), "same_firm"),
    Entry("invitations.listing", _("Invitations"), ("supply_manager", "vendor"), "invitations"),
    Entry("consents.viewers", _("Who sees us"), ("supply_manager", "vendor"), "consents"),
    Entry("my_firm.firm", _("My firm"), ("vendor",), "my_firm"),
    Entry("my_suppliers.listing", _("My suppliers"), ("vendor",), "my_suppliers"),
    # --- models, rollouts
    Entry("models.models", _("Models"), ("publisher", "supply_manager", "administrator"), "models"),
    Entry(
        "rollouts.rollouts",
        _("Rollouts"),
        ("publisher", "supply_manager", "administrator"),
        "rollouts",
    ),
    # --- vendor
    Entry("vendor.models", _("My models"), ("vendor",), "vendor"),
    Entry("vendor.agents", _("Connected PCs"), ("vendor",), "vendor-pcs"),
    # --- learn, labs
    Entry("learn.learn", _("Learning"), ("trainee", "vendor", "instructor"), "learn"),
    Entry("labs.every", _("Labs"), ("trainee", "vendor", "instructor"), "labs"),
    Entry("certificates.mine", _("Certificates"), ("trainee",), "certificates"),
    Entry("cohorts.cohorts", _("Cohorts"), ("instructor",), "cohorts"),
    Entry("labs.servers", _("Running labs"), ("instructor", "administrator"), ""),
    # --- programme
    Entry("programme.overview", _("Programme"), ("officer",), "programme"),
    # --- administration
    Entry("admin.health", _("Health"), ("administrator",), ""),
    Entry("mails.listing", _("Mails"), ("administrator",), "mails"),
    Entry("admin.people", _("People and roles"), ("administrator",), "admin"),
    Entry("admin.audit", _("Audit trail"), ("administrator",), ""),
)


def entries_for(roles: set[str]) -> list[Entry]:
    """The lines for somebody with these roles; no role is needed for a line without roles."""
    return [entry for entry in ENTRIES if not entry.roles or roles.intersection(entry.roles)]
