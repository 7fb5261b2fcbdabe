"""States as pages show them: a shape, a word and a colour, never a colour alone.

`kind` chooses shape and colour together (see macro `icon`): good, bad, attention, moving,
waiting, paused, back, neutral.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _


class State(NamedTuple):
    """How a code is shown."""

    kind: str
    label: Any  # a lazy string: the language is the reader's


STATES: dict[str, State] = {
    # --- rollouts and waves
    "draft": State("neutral", _("Draft")),
    "awaiting approval": State("waiting", _("Awaiting approval")),
    "ready": State("waiting", _("Ready")),
    "running": State("moving", _("Running")),
    "paused": State("paused", _("Paused")),
    "finished": State("good", _("Finished")),
    "stopping": State("moving", _("Stopping")),
    "stopped": State("paused", _("Stopped")),
    "rolling back": State("back", _("Going back")),
    "rolled back": State("back", _("Back at the previous version")),
    "error": State("bad", _("Failed")),
    # --- deliveries
    "scheduled": State("waiting", _("Scheduled")),
    "offered": State("attention", _("Awaiting an answer")),
    "accepted": State("good", _("Accepted")),
    "declined": State("neutral", _("Declined")),
    "prepared": State("moving", _("Prepared")),
    "downloading": State("moving", _("Downloading")),
    "verifying": State("moving", _("Checking signatures")),
    "probing": State("moving", _("Trying it out")),
    "agreement_offered": State("waiting", _("Offered")),
    "agreement_in_force": State("good", _("In force")),
    "agreement_accepted": State("good", _("Agreed")),
    "agreement_refused": State("neutral", _("Not wanted")),
    "agreement_ended": State("neutral", _("Ended")),
    "agreement_reopened": State("waiting", _("End taken back")),
    "shadow": State("moving", _("Running alongside")),
    "active": State("good", _("Active")),
    "committed": State("good", _("In use")),
    "failed": State("bad", _("Failed")),
    # --- what plants say of themselves
    "health-ok": State("good", _("Works")),
    "health-broken": State("bad", _("Broken")),
    "health-unknown": State("waiting", _("Not told yet")),
    "drift-none": State("good", _("No drift")),
    "drift-drifting": State("attention", _("Drifts")),
    # --- versions in the field
    "version-published": State("good", _("Published")),
    "version-withdrawn": State("bad", _("Withdrawn")),
    "version-awaiting": State("waiting", _("Awaiting signatures")),
    # --- webhooks
    "hook-on": State("good", _("Switched on")),
    "hook-off": State("paused", _("Switched off")),
    "hook-dead": State("bad", _("Given up")),
    "hook-message-waiting": State("waiting", _("Waiting")),
    "hook-message-sent": State("good", _("Sent")),
    "hook-message-failed": State("bad", _("Given up")),
    # --- links between firms
    "contradicted": State("bad", _("Contradicted")),
    "open": State("waiting", _("Not confirmed yet")),
    "confirmed": State("good", _("Confirmed")),
    # --- invitations, mails
    "joined": State("good", _("Joined")),
    "opened": State("moving", _("Opened")),
    "silent": State("waiting", _("No answer yet")),
    "undelivered": State("bad", _("Not delivered")),
    "expired": State("paused", _("Expired")),
    "withdrawn": State("neutral", _("Taken back")),
    "sent": State("good", _("Sent")),
    "waiting": State("waiting", _("Waiting")),
    # --- alerts
    "alert-open": State("moving", _("Under way")),
    "alert-resolved": State("good", _("Resolved")),
    "alert-withdrawn": State("neutral", _("Taken back")),
    "alert-no": State("bad", _("Cannot deliver")),
    "alert-partly": State("attention", _("Can deliver in part")),
    "alert-unknown": State("waiting", _("Does not know yet")),
    "alert-yes": State("good", _("Can deliver")),
    "alert-answered": State("good", _("Has answered")),
    "alert-acknowledged": State("moving", _("Read, no answer yet")),
    "alert-sent": State("waiting", _("Not read yet")),
    "alert-unreachable": State("paused", _("No way to reach it")),
    "alert-now": State("bad", _("Answer today")),
    "alert-days": State("attention", _("Answer within days")),
    "alert-watch": State("neutral", _("Keep watch")),
    # --- partners
    "invited": State("waiting", _("Invited")),
    "not-invited": State("neutral", _("Not invited")),
    "said-yes": State("good", _("You said yes")),
    "said-no": State("bad", _("You said no")),
    "wish-waiting": State("waiting", _("Asked")),
    "wish-agreed": State("good", _("Opened to us")),
    "wish-opened": State("good", _("Opened to us")),
    "wish-declined": State("bad", _("Declined")),
    "wish-closed": State("neutral", _("Closed again")),
    "wish-": State("neutral", _("Not asked")),
    "voice-new": State("attention", _("Not looked at yet")),
    "voice-confirmed": State("good", _("Confirmed")),
    "voice-suspended": State("bad", _("Suspended")),
    # --- health
    "up": State("good", _("Works")),
    "down": State("bad", _("Does not answer")),
    # --- what is to be signed
    "statement-published": State("good", _("Signed and published")),
    "statement-dropped": State("neutral", _("Replaced by a newer one")),
    # --- people
    "enabled": State("good", _("Enabled")),
    "disabled": State("paused", _("Disabled")),
}


def state_of(code: object) -> State:
    """How a state is shown; the code itself, in grey, where nobody has named it yet."""
    name = str(getattr(code, "value", code))
    return STATES.get(name) or STATES.get(name.replace("_", " ")) or State("neutral", name)


ROLES: dict[str, Any] = {
    "supply_manager": _("Supply manager"),
    "publisher": _("Model publisher"),
    "vendor": _("Vendor"),
    "trainee": _("Trainee"),
    "instructor": _("Instructor"),
    "officer": _("Programme officer"),
    "administrator": _("Administrator"),
}

PARTS: dict[str, Any] = {
    "database": _("Database"),
    "store": _("Model store"),
    "worker": _("Worker (rollouts, grading)"),
    "mail": _("Mail"),
    "keys": _("Signatures of people"),
    "ray": _("Ray (prepares what plants get)"),
    "jupyterhub": _("JupyterHub (labs)"),
}


# What the audit trail calls what was done: a noun, a point, what befell it. Codes stay in the
# trail; here they are read.
ACTIONS: dict[str, Any] = {
    "person.signed-in": _("signed in"),
    "person.signed-out": _("signed out"),
    "account.changed": _("changed the account"),
    "password.changed": _("changed the password"),
    "person.added": _("added a person"),
    "people.added": _("added the sample's people"),
    "token.made": _("made a token"),
    "account.enabled": _("enabled an account"),
    "account.disabled": _("disabled an account"),
    "account.closed": _("closed their account"),
    "firm.lead-made": _("made a lead firm"),
    "colleague.asked": _("asked a colleague into the firm"),
    "colleague.taken-back": _("took a colleague's invitation back"),
    "colleague.came-in": _("came into a firm as a colleague"),
    "colleague.removed": _("removed a colleague from the firm"),
    "sheet.layout-forgotten": _("forgot a sheet's columns"),
    "role.given": _("gave a role"),
    "role.taken": _("took a role away"),
    "person.invited": _("made an account by an invitation"),
    "firm.asked-in": _("asked to be let into a firm"),
    "firm.let-in": _("let a person into the firm"),
    "firm.turned-away": _("did not let a person into the firm"),
    "firm.described": _("corrected the firm's data"),
    "supplier.declared": _("named a supplier"),
    "supplier.corrected": _("corrected what was said of a supplier"),
    "supplier.ended": _("ended a supplier"),
    "suppliers.invited": _("invited suppliers"),
    "sheet.uploaded": _("uploaded a sheet"),
    "sheet.columns-chosen": _("chose a sheet's columns"),
    "link.answered": _("answered for a link"),
    "firm.opened": _("opened its firm to another"),
    "firm.closed": _("closed its firm to another"),
    "sight.asked": _("asked a firm to open itself"),
    "sight.agreed": _("agreed to be seen by a firm"),
    "sight.declined": _("declined to be seen by a firm"),
    "sight.withdrawn": _("took back a request to see a firm"),
    "voice.yes": _("said that it knows who speaks for a firm"),
    "voice.no": _("said that it does not know who speaks for a firm"),
    "voice.later": _("put off a question about who speaks for a firm"),
    "voice.new": _("had those asked that know a firm"),
    "voice.confirmed": _("confirmed who speaks for a firm"),
    "voice.suspended": _("suspended who speaks for a firm"),
    "risk.asked": _("asked where the chain breaks"),
    "risk.stopped": _("stopped a computation"),
    "risk.told": _("told times or stocks of a firm"),
    "risk.facts-taken": _("told times and stocks in a file"),
    "sheet.taken-in": _("took a sheet in"),
    "sheet.discarded": _("discarded a sheet"),
    "sheet.reopened": _("looked at a sheet again"),
    "sheet.queued": _("left a sheet to the worker"),
    "sheet.stopped": _("stopped a sheet"),
    "sheet.failed": _("could not take a sheet in"),
    "sheet.withdrawn": _("took a sheet back"),
    "invitation.sent": _("invited a firm"),
    "invitation.several-sent": _("invited the firms of a sheet"),
    "invitation.reminded": _("reminded of an invitation"),
    "invitation.withdrawn": _("took an invitation back"),
    "invitation.opened": _("opened an invitation"),
    "invitation.accepted": _("accepted an invitation"),
    "invitation.declined": _("declined an invitation"),
    "alert.raised": _("raised an alert"),
    "alert.acknowledged": _("acknowledged an alert"),
    "alert.answered": _("answered an alert"),
    "alert.passed": _("passed an alert on"),
    "alert.reminded": _("reminded of an alert"),
    "alert.addressed": _("gave an address for an alert"),
    "alert.resolved": _("said that an alert is over"),
    "alert.withdrawn": _("took an alert back"),
    "alert.setting": _("chose whether alerts go on by themselves"),
    "alert.refused-mails": _("asked for no more mails"),
    "mail.tried-again": _("had a mail tried again"),
    "mail.fetched": _("fetched a mail's file"),
    "firms.same": _("said that firms are one"),
    "firms.different": _("said that firms are different"),
    "firms.later": _("put off a question about firms"),
    "firms.reopened": _("took back an answer about firms"),
    "firms.merged": _("merged firms"),
    "firms.split": _("split firms"),
    "firm.numbers-told": _("gave further numbers of a firm"),
    "version.published": _("published a version"),
    "version.awaiting": _("handed in a version that awaits signatures"),
    "keys.registered": _("registered a firm's keys"),
    "keys.replaced": _("replaced a firm's keys"),
    "keys.in-force": _("put a firm's keys in force"),
    "statement.signed": _("signed a statement"),
    "statement.published": _("published a signed statement"),
    "root.asked": _("asked the operators to sign a root"),
    "key.online-replaced": _("replaced the hub's own key"),
    "version.withdrawn": _("withdrew a version"),
    "model.shown": _("changed who may see a model"),
    "rollout.created": _("created a rollout"),
    "rollout.submitted": _("sent a rollout for approval"),
    "rollout.approved": _("approved a rollout"),
    "rollout.refused": _("sent a rollout back to its maker"),
    "rollout.started": _("started a rollout"),
    "rollout.paused": _("paused a rollout"),
    "rollout.resumed": _("resumed a rollout"),
    "rollout.stopping": _("asked a rollout to stop"),
    "rollout.stopped": _("stopped a rollout"),
    "scenario.saved": _("saved a scenario"),
    "scenario.changed": _("changed a scenario"),
    "scenario.deleted": _("deleted a scenario"),
    "scenario.shared": _("shared a scenario"),
    "scenario.unshared": _("ended the sharing of a scenario"),
    "rollout.going-back": _("took a rollout back"),
    "rollouts.list-adopted": _("read from a signed list what a plant was told"),
    "rollouts.list-restored": _("wrote down a delivery again that only a signed list knew"),
    "rollouts.list-unknown": _("found a version on a signed list that it does not know"),
    "rollouts.approval-wanted": _("wants a second person's yes for every rollout"),
    "rollouts.approval-end-asked": _("wants to do without a second person's yes"),
    "rollouts.approval-ended": _("agreed to do without a second person's yes"),
    "rollout.rolling-back": _("began to take a rollout back"),
    "rollout.rolled-back": _("brought a rollout back"),
    "rollout.finished": _("finished a rollout"),
    "hook.added": _("added a webhook"),
    "hook.changed": _("changed a webhook"),
    "hook.switched-on": _("switched a webhook on"),
    "hook.switched-off": _("switched a webhook off"),
    "hook.renewed": _("gave a webhook a new secret"),
    "hook.removed": _("removed a webhook"),
    "hook.tried": _("tried a webhook"),
    "hook.replayed": _("sent a webhook's message again"),
    "hook.given-up": _("gave a webhook up"),
    "offer.accepted": _("accepted an offer"),
    "offer.declined": _("declined an offer"),
    "slot.set": _("set a time slot"),
    "standing.given": _("gave a standing answer"),
    "standing.withdrawn": _("withdrew a standing answer"),
    "standing.used": _("was accepted by a standing answer"),
    "measures.told": _("said which values a plant has"),
    "operators.told": _("let others see which certificates the firm has"),
    "operators.kept": _("kept its certificates to itself"),
    "agreement.ended": _("ended an agreement"),
    "agreement.reopened": _("took the end of an agreement back"),
    "pc.invited": _("made a code for a PC"),
    "pc.connected": _("connected a PC"),
    "pc.disconnected": _("disconnected a PC"),
    "course.begun": _("began a course"),
    "lesson.finished": _("finished a lesson"),
    "test.handed-in": _("handed in an end test"),
    "certificate.awarded": _("was awarded a certificate"),
    "certificate.revoked": _("revoked a certificate"),
    "lab.signed-in": _("signed in to JupyterHub"),
    "lab.opened": _("opened a lab"),
    "lab.stopped": _("stopped a lab"),
    "lab.handed-in": _("handed in a lab"),
    "lab.reviewed": _("looked at a grade again"),
}


def action(code: str) -> str:
    """What was done, in words; the code itself where nobody has named it yet."""
    return str(ACTIONS.get(code, code))


def role(code: str) -> str:
    """A role in words."""
    return str(ROLES.get(code, code))


# What hub.health knows of a part, where it is not a figure.
KNOWN: dict[str, Any] = {
    "not started": _("not started"),
    "ConnectionError": _("cannot be reached"),
    "ConnectTimeout": _("cannot be reached"),
    "ReadTimeout": _("too slow"),
    "JSONDecodeError": _("answers nonsense"),
    "OperationalError": _("cannot be reached"),
    "mail server": _("a mail server is set"),
    "mail folder": _("no mail server is set: mails are kept as files"),
    "days left": _("days until they run out"),
    "mails waiting": _("waiting"),
    "mails failed": _("failed"),
}


def known(detail: str) -> str:
    """What is known of a part, in words where there are any."""
    return str(KNOWN.get(detail, detail))


def part(code: str) -> str:
    """A part of the hub in words."""
    return str(PARTS.get(code, code))
