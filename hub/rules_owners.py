"""Pages and calls with which owners answer offers, and in which both sides of an agreement meet."""

OWNERS = (
    "owner.standing",
    "owner.withdraw",
    "owner.let_in",
    "owner.slot",
    "owner.measures",
    "owner.operators",
    "offers_api.offers",
    "offers_api.offer",
    "offers_api.accept",
    "offers_api.decline",
    "offers_api.standing",
    "offers_api.let_in",
    "offers_api.withdraw",
    "offers_api.slots",
    "offers_api.set_slot",
)
EITHER_SIDE = (
    "agreements.listing",
    "agreements.one",
    "agreements.download",
    "agreements.end",
    "agreements.reopen",
    "offers_api.agreements",
    "offers_api.end_agreement",
)
