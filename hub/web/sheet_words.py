"""What the pages of sheets call the fields of a layout, and the states of a sheet. Data only."""

from typing import Any

from flask_babel import lazy_gettext as _

FIELD_LABELS: dict[str, Any] = {
    "supplier.name": _("Supplier's name"),
    "supplier.brn": _("Business registration number"),
    "buyer.name": _("Delivers to"),
    "buyer.brn": _("Delivers to: registration number"),
    "link.item": _("Item"),
    "link.share": _("Share in per cent"),
    "supplier.region": _("Region or address"),
    "supplier.process": _("Process"),
    "supplier.employees": _("Employees"),
    "supplier.level": _("Smart-factory level"),
    "supplier.sector": _("Industry code (KSIC)"),
    "supplier.country": _("Country"),
    "supplier.contact": _("Contact person"),
    "supplier.email": _("E-mail"),
    "supplier.corporate": _("Corporate register number"),
    "supplier.duns": _("DUNS number"),
    "supplier.lei": _("LEI"),
}
WHY: dict[str, Any] = {
    "heading": _("by its heading"),
    "values": _("by its values"),
    "chosen": _("as chosen before"),
}
# code → how it looks (hub/templates/macros.html: badge), and its word
STATES: dict[str, tuple[str, Any]] = {
    "waiting": ("attention", _("Waiting for a look")),
    "queued": ("waiting", _("Waiting for its turn")),
    "taking": ("moving", _("Being taken in")),
    "taken": ("good", _("Taken in")),
    "withdrawn": ("back", _("Withdrawn")),
    "failed": ("bad", _("Failed")),
}
STEPS: dict[str, Any] = {
    "reading": _("Reading the rows"),
    "comparing": _("Comparing with what is known"),
    "writing": _("Writing"),
}


def field_label(name: str) -> Any:
    """What the pages call a field of a firm or of a link."""
    return next(
        (label for field, label in FIELD_LABELS.items() if field.partition(".")[2] == name), name
    )
