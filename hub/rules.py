"""Who may call which page or command of the API: all of it here, one line for each.

A route that is not named is refused, and a test looks for such. Which rows a person then sees is
decided in hub.access.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hub import rules_keys
from hub.rules_owners import EITHER_SIDE, OWNERS
from hub.rules_releases import release_rules
from hub.rules_rollouts import STEERED, WATCHED


@dataclass(frozen=True)
class Who:
    """The person who asks; `nobody` is a stranger."""

    user_id: int | None = None
    handle: str = ""
    name: str = ""
    roles: frozenset[tuple[str, int | None]] = frozenset()

    @property
    def known(self) -> bool:
        """Whether somebody is signed in."""
        return self.user_id is not None

    def has(self, role: str, firm_id: int | None = None) -> bool:
        """Whether the person has the role: for that firm, or for any where none is named."""
        return any(name == role and firm_id in (None, firm) for name, firm in self.roles)

    def firms(self, *roles: str) -> set[int]:
        """The firms for which the person has one of the roles; of any role where none is named."""
        return {f for name, f in self.roles if f is not None and (not roles or name in roles)}

    # What Flask-Login asks of a user object.
    @property
    def is_authenticated(self) -> bool:
        """Flask-Login's word for known."""
        return self.known

    @property
    def is_active(self) -> bool:
        """Disabled accounts are never loaded, so whoever is here is active."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Flask-Login's word for a stranger."""
        return not self.known

    def get_id(self) -> str:
        """What the session cookie holds."""
        return self.handle


nobody = Who()

Rule = Callable[[Who], bool]


def anyone(_: Who) -> bool:
    """Strangers too."""
    return True


def signed_in(who: Who) -> bool:
    """Whoever has an account."""
    return who.known


def role(*names: str) -> Rule:
    """Whoever has one of these roles, for whatever firm; the rows are narrowed further below."""

    def rule(who: Who) -> bool:
        return any(who.has(name) for name in names)

    return rule


SPEAKERS = ("vendor", "supply_manager")  # roles that speak for a firm in its chain

RULES: dict[str, Rule] = {
    # --- frame
    "static": anyone,
    "healthz": anyone,
    "openapi.openapi": anyone,
    "openapi.doc_url": anyone,
    "openapi.static": anyone,
    # --- base pages (FACE)
    "home.home": anyone,
    "signin.sign_in": anyone,
    "signin.sign_in_now": anyone,
    "signin.language": anyone,
    "signin.sign_out": signed_in,
    "signin.account": signed_in,
    "signin.account_changed": signed_in,
    "signin.password_changed": signed_in,
    "admin.health": role("administrator"),
    "admin.health_now": role("administrator"),
    "admin.people": role("administrator"),
    "admin.one_person": role("administrator"),
    "admin.switch": role("administrator"),
    "admin.give_role": role("administrator"),
    "admin.take_role": role("administrator"),
    "admin.audit": role("administrator"),
    "lead_firms.listing": role("administrator"),
    "lead_firms.make": role("administrator"),
    "lead_firms_api.make": role("administrator"),
    "leaving.close": signed_in,
    "leaving.close_now": signed_in,
    "programme.overview": role("officer"),
    # --- supply
    "supply.map_page": role(*SPEAKERS),
    "supply.map_data": role(*SPEAKERS),
    "supply.export": role(*SPEAKERS),
    "chain_files.export": role(*SPEAKERS),
    "supply.firm": role(*SPEAKERS),
    "supply.near": role(*SPEAKERS),
    "supply.path_data": role(*SPEAKERS),
    "supply.around_data": role(*SPEAKERS),
    "supply.circles": role(*SPEAKERS),
    "supply_api.ways": role(*SPEAKERS),
    "supply_api.around": role(*SPEAKERS),
    "supply_api.circles": role(*SPEAKERS),
    "vouching.listing": role(*SPEAKERS),
    "vouching.answer_several": role(*SPEAKERS),
    "vouching.answer_now": role(*SPEAKERS),
    "sight_requests.listing": role(*SPEAKERS),
    "sight_requests.ask_now": role(*SPEAKERS),
    "sight_requests.ask_all": role(*SPEAKERS),
    "sight_requests.take_back": role(*SPEAKERS),
    "sight_requests.answer_now": role(*SPEAKERS),
    "sight_requests_api.sent": role(*SPEAKERS),
    "sight_requests_api.received": role(*SPEAKERS),
    "sight_requests_api.ask": role(*SPEAKERS),
    "sight_requests_api.answer": role(*SPEAKERS),
    "sight_requests_api.take_back": role(*SPEAKERS),
    "vouching_api.joined": role(*SPEAKERS),
    "vouching_api.say": role(*SPEAKERS),
    "vouching_api.voices": role("administrator"),
    "vouching_api.decide_voice": role("administrator"),
    "voices.listing": role("administrator"),
    "voices.decide_now": role("administrator"),
    "consents.viewers": role(*SPEAKERS),
    "consents.give": role(*SPEAKERS),
    "consents.withdraw": role(*SPEAKERS),
    "consents_api.viewers": role(*SPEAKERS),
    "consents_api.history": role(*SPEAKERS),
    "consents_api.preview": role(*SPEAKERS),
    "consents_api.give": role(*SPEAKERS),
    "consents_api.withdraw": role(*SPEAKERS),
    "same_firm.queue": role(*SPEAKERS),
    "same_firm.merges": role(*SPEAKERS),
    "same_firm.answer_now": role(*SPEAKERS),
    "same_firm.undo": role(*SPEAKERS),
    "same_firm.split": role(*SPEAKERS),
    "same_firm.numbers": role(*SPEAKERS),
    "same_firm_api.pairs": role(*SPEAKERS),
    "same_firm_api.answer": role(*SPEAKERS),
    "same_firm_api.reopen": role(*SPEAKERS),
    "same_firm_api.merges": role(*SPEAKERS),
    "same_firm_api.merge": role(*SPEAKERS),
    "same_firm_api.split": role(*SPEAKERS),
    "same_firm_api.numbers": role(*SPEAKERS),
    "same_firm_api.tell": role(*SPEAKERS),
    "sheets.listing": role(*SPEAKERS),
    "sheets.upload": role(*SPEAKERS),
    "sheets.upload_now": role(*SPEAKERS),
    "sheets.tabs": role(*SPEAKERS),
    "sheets.choose_tabs": role(*SPEAKERS),
    "sheets.sheet": role(*SPEAKERS),
    "sheets.columns": role(*SPEAKERS),
    "sheets.choose_columns": role(*SPEAKERS),
    "sheets.renews": role(*SPEAKERS),
    "sheets.take_in": role(*SPEAKERS),
    "sheets.progress": role(*SPEAKERS),
    "sheets.stop": role(*SPEAKERS),
    "sheets.withdraw": role(*SPEAKERS),
    "sheets.reopen": role(*SPEAKERS),
    "sheets.discard": role(*SPEAKERS),
    "sheets.original": role(*SPEAKERS),
    "sheets.bad_rows_sheet": role(*SPEAKERS),
    "sheets.sample_sheet": role(*SPEAKERS),
    "layouts.listing": role(*SPEAKERS),
    "layouts.forget": role(*SPEAKERS),
    "layouts_api.listing": role(*SPEAKERS),
    "layouts_api.forget": role(*SPEAKERS),
    "declarations.listing": role(*SPEAKERS),
    "declarations.one": role(*SPEAKERS),
    "declarations.answer": role(*SPEAKERS),
    "declarations_api.declarations": role(*SPEAKERS),
    "declarations_api.answer": role(*SPEAKERS),
    **dict.fromkeys(
        (
            "risk.page",
            "risk.compute",
            "risk.stop",
            "risk.current",
            "risk.export",
            "risk_firm.firm",
            "risk_firm.tell",
            "risk_firm.known",
            "risk_firm.take_in",
            "risk_api.figures",
            "risk_api.ask",
            "risk_api.stop",
            "risk_api.firms",
            "risk_api.diamonds",
            "risk_api.facts",
            "risk_api.tell",
        ),
        role(*SPEAKERS),
    ),
    "supply_api.firms": role(*SPEAKERS),
    "supply_api.links": role(*SPEAKERS),
    "supply_api.tiers": role(*SPEAKERS),
    "supply_api.export": role(*SPEAKERS),
    "chain_files_api.export": role(*SPEAKERS),
    **dict.fromkeys(
        (
            "sheets_api.give",
            "sheets_api.sheets",
            "sheets_api.sheet",
            "sheets_api.preview",
            "sheet_columns_api.columns",
            "sheet_columns_api.choose_columns",
            "sheets_api.faults",
            "sheets_api.file",
            "sheets_api.take_in",
            "sheets_api.stop",
            "sheets_api.withdraw",
        ),
        role(*SPEAKERS),
    ),
    # --- what if
    **dict.fromkeys(
        (
            "what_if.page",
            "what_if.find",
            "what_if.drawing",
            "what_if.hits",
            "what_if.alone",
            "what_if.alternates",
            "what_if.saved",
            "what_if.save",
            "what_if.scenario",
            "what_if.change",
            "what_if.shared",
            "what_if.compare",
            "scenarios_api.ask",
            "scenarios_api.alone",
            "scenarios_api.alternates",
            "scenarios_api.listing",
            "scenarios_api.save",
            "scenarios_api.shared_list",
            "scenarios_api.shared",
            "scenarios_api.one",
            "scenarios_api.answer_of",
            "scenarios_api.change",
            "scenarios_api.delete",
            "scenarios_api.share",
            "scenarios_api.unshare",
        ),
        role(*SPEAKERS),
    ),
    # --- invited firms
    # Whoever has the link; its secret is the key.
    "invited.letter": anyone,
    "invited.seen": anyone,
    "invited.account": anyone,
    "invited.account_chosen": anyone,
    "invited.decline": anyone,
    "invited.declined": anyone,
    "joining.firm": signed_in,
    "joining.firm_told": signed_in,
    "joining.another_number": signed_in,
    "my_firm.firm": role(*SPEAKERS),
    "my_firm.firm_told": role(*SPEAKERS),
    "my_firm.let_in": role(*SPEAKERS),
    # Colleagues: asked in, seen, removed. Whoever has the link; its secret is the key.
    "colleagues.listing": role(*SPEAKERS),
    "colleagues.ask_in": role(*SPEAKERS),
    "colleagues.take_back": role(*SPEAKERS),
    "colleagues.remove": role(*SPEAKERS),
    "colleagues_api.listing": role(*SPEAKERS),
    "colleagues_api.ask_in": role(*SPEAKERS),
    "colleagues_api.take_back": role(*SPEAKERS),
    "colleagues_api.remove": role(*SPEAKERS),
    "let_in.letter": anyone,
    "let_in.answered": anyone,
    "my_firm_api.own_firm": role(*SPEAKERS),
    "my_firm_api.tell": role(*SPEAKERS),
    "my_firm_api.suppliers": role(*SPEAKERS),
    "my_firm_api.declare_supplier": role(*SPEAKERS),
    "my_firm_api.end_supplier": role(*SPEAKERS),
    "my_firm_api.customers": role(*SPEAKERS),
    "my_firm_api.answer": role(*SPEAKERS),
    "my_suppliers.listing": role(*SPEAKERS),
    "my_suppliers.declare_one": role(*SPEAKERS),
    "my_suppliers.one": role(*SPEAKERS),
    "my_suppliers.correct": role(*SPEAKERS),
    "my_suppliers.end": role(*SPEAKERS),
    "my_suppliers.customers": role(*SPEAKERS),
    "my_suppliers.answer": role(*SPEAKERS),
    "my_suppliers.invite": role(*SPEAKERS),
    "my_suppliers.invite_now": role(*SPEAKERS),
    # --- invitations, mails
    **dict.fromkeys(
        (
            "invitations.listing",
            "invitations.one",
            "invitations.remind",
            "invitations.withdraw",
            "invitations.correct",
            "invitations.several",
            "invitations.export",
            "guests.new",
            "guests.new_now",
            "guests.sheet",
            "guests.sheet_now",
            "invitations_api.listing",
            "invitations_api.overview",
            "invitations_api.one",
            "invitations_api.invite",
            "invitations_api.candidates_of",
            "invitations_api.invite_sheet",
            "invitations_api.remind",
            "invitations_api.withdraw",
        ),
        role(*SPEAKERS),
    ),
    # --- alerts
    **dict.fromkeys(
        (
            "alerts.listing",
            "alerts.setting",
            "alerts.new",
            "alerts.new_now",
            "alerts.one",
            "alerts.acknowledge",
            "alerts.answer",
            "alerts.pass_on",
            "alerts.remind",
            "alerts.correct",
            "alerts.resolve",
            "alerts.withdraw",
            "alerts_api.listing",
            "alerts_api.one",
            "alerts_api.raise_one",
            "alerts_api.acknowledge",
            "alerts_api.answer",
            "alerts_api.pass_on",
            "alerts_api.remind",
            "alerts_api.correct",
            "alerts_api.resolve",
            "alerts_api.withdraw",
            "alerts_api.recipients",
            "alerts_api.setting",
            "alerts_api.set_setting",
        ),
        role(*SPEAKERS),
    ),
    # Whoever has the link; its secret is the key.
    "alerted.letter": anyone,
    "alerted.acknowledge": anyone,
    "alerted.answer": anyone,
    "alerted.over": anyone,
    "alerted.never": anyone,
    "mails.listing": role("administrator"),
    "mails.file": role("administrator"),
    "mails.send_now": role("administrator"),
    "mails_api.listing": role("administrator"),
    "mails_api.send_now": role("administrator"),
    # --- models, rollouts
    **release_rules(signed_in, role),
    "models.models": signed_in,
    "models.version": signed_in,
    "models.publish": role("publisher"),
    "models.sample_bundle": role("publisher"),
    "models.publish_now": role("publisher"),
    "models.withdraw": role("publisher"),
    **dict.fromkeys(WATCHED, role("publisher", "supply_manager", "administrator")),
    **dict.fromkeys(STEERED, role("publisher")),
    "rollouts.offer": role("publisher", "supply_manager"),
    "rollout_preview_api.preview": role("publisher"),
    "models_api.models": signed_in,
    "models_api.model": signed_in,
    "models_api.publish": role("publisher"),
    # Signed statements and the files that they name: hub.web.tuf asks for an agent's signature.
    "tuf.image": anyone,
    "tuf.director": anyone,
    "tuf.target": anyone,
    "tuf.recipe": anyone,
    # The program itself is free software; pip cannot sign in.
    "program.wheel": anyone,
    # --- vendor, agents
    "vendor.models": role("vendor"),
    "vendor.models_now": role("vendor"),
    "vendor.offer": role("vendor"),
    "vendor.offer_now": role("vendor"),
    "vendor.accept": role("vendor"),
    "vendor.decline": role("vendor"),
    **dict.fromkeys(OWNERS, role("vendor")),
    **dict.fromkeys(EITHER_SIDE, role("vendor", "publisher")),
    "vendor.agents": role("vendor"),
    "vendor.agents_now": role("vendor"),
    "vendor.connect": role("vendor"),
    "vendor.disconnect": role("vendor"),
    # An agent signs its calls; sharing.services.agents judges the signature.
    "agents_api.enrol": anyone,
    "agents_api.me": anyone,
    "agents_api.reports": anyone,
    # --- labs, sign-in for JupyterHub
    "oidc.authorize": signed_in,
    "oidc.token": anyone,  # JupyterHub, by its client secret
    "oidc.userinfo": anyone,  # the holder of an access token
    "oidc.jwks": anyone,
    "oidc.discovery": anyone,
    "oidc.ended": anyone,
    **dict.fromkeys(
        (
            "labs.every",
            "labs.one",
            "labs.hand_in",
            "labs.open_it",
            "labs.opening",
            "labs.opening_now",
            "labs.enter",
            "labs.stop_own",
        ),
        role("trainee", "vendor", "instructor", "administrator"),
    ),
    "labs.servers": role("instructor", "administrator"),
    "labs.stop_server": role("instructor", "administrator"),
    "labs.hand_ins": role("instructor", "administrator"),
    "labs.hand_in_of": role("instructor", "administrator"),
    "labs.look_again": role("instructor", "administrator"),
    # Notebooks come with the token of their own server: hub.api.labs asks JupyterHub whose it is.
    "labs_api.every_lab": anyone,
    "labs_api.opened": anyone,
    "labs_api.model_file": anyone,
    "labs_api.handed_in": anyone,
    "labs_api.mine": anyone,
    # --- learn
    "learn.learn": signed_in,
    "learn.competences": anyone,  # certificates point there
    "learn.course": signed_in,
    "learn.of_lab": signed_in,
    "learn.begin": signed_in,
    "learn.lesson": signed_in,
    "learn.answer": signed_in,
    "learn.finish": signed_in,
    "learn.test": signed_in,
    "learn.hand_in_test": signed_in,
    "learn.test_result": signed_in,
    "learn.claim": signed_in,
    "certificates.mine": signed_in,
    "certificates.as_token": signed_in,
    "certificates.as_json": signed_in,
    "certificates.verify": anyone,
    "certificates.verify_pasted": anyone,
    "certificates.verify_number": anyone,
    "certificates.issuer": anyone,
    "certificates.keys": anyone,
    "certificates.key": anyone,
    "certificates.status": anyone,
    "certificates.achievement": anyone,
    "cohorts.cohorts": role("instructor"),
    "cohorts.cohort": role("instructor"),
    "learn_api.catalogue": anyone,
    "learn_api.mine": signed_in,
    "learn_api.claim": signed_in,
    "learn_api.certificates": signed_in,
    "learn_api.verify": anyone,
}

RULES |= dict.fromkeys(rules_keys.PAGES, role("publisher", "administrator"))
RULES |= dict.fromkeys(rules_keys.FOR_PUBLISHERS, role("publisher"))
