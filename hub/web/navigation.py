"""The menu: what each role finds there, in order, in a few sections. Data only.

An endpoint that no page has registered is left out, and so is one that `hub.access.RULES`
would refuse to the person at hand. A section of which one line is left is that line.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class Entry(NamedTuple):
    """A line of the menu."""

    endpoint: str
    label: Any  # a lazy string
    roles: tuple[str, ...]
    group: str  # the blueprint whose pages belong to this line


class Section(NamedTuple):
    """Lines that belong together, under a word of their own."""

    label: Any  # a lazy string
    entries: tuple[Entry, ...]


EVERYONE: tuple[str, ...] = ()
SPEAKERS = ("supply_manager", "vendor")

SECTIONS: tuple[Section, ...] = (
    Section(_("Home"), (Entry("home.home", _("Home"), EVERYONE, "home"),)),
    Section(
        _("Supply chain"),
        (
            Entry("my_suppliers.listing", _("My suppliers"), ("vendor",), "my_suppliers"),
            Entry("supply.map_page", _("Supply map"), SPEAKERS, "supply"),
            Entry("risk.page", _("Where the chain breaks"), SPEAKERS, "risk"),
            Entry("what_if.page", _("What if"), SPEAKERS, "what_if"),
            Entry("alerts.listing", _("Alerts"), SPEAKERS, "alerts"),
            Entry("sheets.listing", _("Supplier sheets"), SPEAKERS, "sheets"),
            Entry("same_firm.queue", _("One firm or two?"), SPEAKERS, "same_firm"),
            Entry("declarations.listing", _("Links to confirm"), SPEAKERS, "declarations"),
            Entry("invitations.listing", _("Invitations"), SPEAKERS, "invitations"),
        ),
    ),
    Section(
        _("Our firm"),
        (
            Entry("my_firm.firm", _("My firm"), ("vendor",), "my_firm"),
            Entry("colleagues.listing", _("Who speaks for us"), SPEAKERS, "colleagues"),
            Entry("consents.viewers", _("Who sees us"), SPEAKERS, "consents"),
            Entry("vouching.listing", _("Who has joined"), SPEAKERS, "vouching"),
        ),
    ),
    Section(
        _("AI models"),
        (
            Entry("vendor.models", _("My models"), ("vendor",), "vendor"),
            Entry("vendor.agents", _("Connected PCs"), ("vendor",), "vendor-pcs"),
            Entry("owner.standing", _("Standing answers"), ("vendor",), "owner"),
            Entry(
                "models.models",
                _("Models"),
                ("publisher", "supply_manager", "administrator"),
                "models",
            ),
            Entry("model_keys.listing", _("Keys"), ("publisher", "administrator"), "model_keys"),
            Entry(
                "rollouts.rollouts",
                _("Rollouts"),
                ("publisher", "supply_manager", "administrator"),
                "rollouts",
            ),
            Entry("hooks.listing", _("Webhooks"), ("publisher",), "hooks"),
            Entry("agreements.listing", _("Agreements"), ("vendor", "publisher"), "agreements"),
        ),
    ),
    Section(
        _("Training"),
        (
            Entry("learn.learn", _("Learning"), ("trainee", "vendor", "instructor"), "learn"),
            Entry("labs.every", _("Labs"), ("trainee", "vendor", "instructor"), "labs"),
            Entry("certificates.mine", _("Certificates"), ("trainee",), "certificates"),
            Entry("cohorts.cohorts", _("Cohorts"), ("instructor",), "cohorts"),
            Entry("labs.servers", _("Running labs"), ("instructor", "administrator"), ""),
        ),
    ),
    Section(
        _("Programme"),
        (Entry("programme.overview", _("Programme"), ("officer",), "programme"),),
    ),
    Section(
        _("Administration"),
        (
            Entry("admin.health", _("Health"), ("administrator",), ""),
            Entry("mails.listing", _("Mails"), ("administrator",), "mails"),
            Entry("admin.people", _("People and roles"), ("administrator",), "admin"),
            Entry("lead_firms.listing", _("Lead firms"), ("administrator",), "lead_firms"),
            Entry("voices.listing", _("Firms that joined"), ("administrator",), "voices"),
            Entry("admin.audit", _("Audit trail"), ("administrator",), ""),
        ),
    ),
)


def sections_for(roles: set[str]) -> list[Section]:
    """What somebody with these roles finds; no role is needed for a line without roles."""
    found = [
        Section(
            section.label,
            tuple(e for e in section.entries if not e.roles or roles.intersection(e.roles)),
        )
        for section in SECTIONS
    ]
    return [section for section in found if section.entries]
