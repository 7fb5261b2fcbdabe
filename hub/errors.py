"""What can go wrong in the hub itself, and what any error means to HTTP and to a shell.

DomainError
└── HubError
    ├── SettingInvalid (ValueError)
    ├── NotAllowed (PermissionError)
    ├── PersonNotFound (LookupError)
    ├── PersonUnnamed (PermissionError)
    ├── AddressTaken (ValueError)
    ├── PasswordWeak (ValueError)
    ├── RoleNeedsFirm, RoleUnknown (ValueError)
    ├── RoleNotHeld (LookupError)
    ├── ColleagueSpeaksAlready (ValueError)
    ├── LastSpeaker (ValueError)
    ├── LastAdministrator (ValueError)
    ├── LeadFirmHasPeople (ValueError)
    ├── SignInRefused (PermissionError)
    ├── TooManyTries (PermissionError)
    ├── BackupFailed (ConnectionError)
    ├── BackupUnreadable (ValueError)
    ├── TranslationsDisagree (ValueError)
    ├── TranslationsNotWritten (PermissionError)
    ├── AnswerUnexpected (ConnectionError)
    ├── MailRefusedForGood (ValueError)
    ├── MailDelayed (TimeoutError)
    ├── MailServerAway (ConnectionError)
    ├── MailCutOff (ConnectionError)
    ├── DatabaseNotPrepared (ConnectionError)
    ├── ForeignKeysBroken (ValueError)
    ├── DatabaseUnreachable (ConnectionError)
    ├── DataFolderUnusable (PermissionError)
    ├── HubRunning (ConnectionError)
    ├── PortTaken (ConnectionError)
    ├── PortUnusable (ConnectionError)
    └── NotReady (ConnectionError)

Domain errors are also of a standard kind; here alone stands what each kind means outside.
"""

from supplychain.errors import DomainError


class HubError(DomainError):
    """Any error of this package."""


class SettingInvalid(HubError, ValueError):
    """An environment variable cannot be used."""

    text = "These settings cannot be used: %(faults)s"


class NotAllowed(HubError, PermissionError):
    """The person is known, and may not do this."""

    text = "You do not have the role that this needs."


class PersonNotFound(HubError, LookupError):
    """No account has that address."""

    text = "There is no account for %(email)s."


class PersonUnnamed(HubError, PermissionError):
    """It takes a second person, and the command line alone is none."""

    text = (
        "This takes a second person. Name with --as the account of somebody "
        "who publishes for the firm."
    )


class AddressTaken(HubError, ValueError):
    """Another person has that e-mail address."""

    text = "There is already an account for %(email)s."


class PasswordWeak(HubError, ValueError):
    """The password is too short."""

    text = "A password needs at least %(least)s characters."


class RoleNeedsFirm(HubError, ValueError):
    """The role belongs to a firm, and none was named."""

    text = "The role %(role)s is given for a firm. Say for which."


class RoleUnknown(HubError, ValueError):
    """Nobody can have a role of that name."""

    text = "There is no role %(role)s. Roles are: %(roles)s."


class RoleNotHeld(HubError, LookupError):
    """The role was taken away already."""

    text = "This person does not have that role any more."


class ColleagueSpeaksAlready(HubError, ValueError):
    """Whoever is asked in speaks for the firm already."""

    text = "%(name)s speaks for this firm already."


class LastSpeaker(HubError, ValueError):
    """Nobody would speak for the firm any more."""

    text = "Somebody has to speak for the firm. Ask a colleague in first."


class LastAdministrator(HubError, ValueError):
    """Nobody would look after the hub any more."""

    text = "You are the only administrator. Make somebody else one first."


class LeadFirmHasPeople(HubError, ValueError):
    """Somebody speaks for the firm: they let others in."""

    text = "%(firm)s has people here already: %(people)s. They ask colleagues in themselves."


class SignInRefused(HubError, PermissionError):
    """Unknown e-mail address, wrong password or disabled account: which of them is not said."""

    text = "The e-mail address or the password is not right."


class TooManyTries(HubError, PermissionError):
    """Sign-in is throttled."""

    text = "Too many failed tries. Please wait %(minutes)s minutes and try again."


class BackupFailed(HubError, ConnectionError):
    """The database's own tool did not do it."""

    text = "The database could not be saved or put back: %(reason)s"


class BackupUnreadable(HubError, ValueError):
    """Not a copy of a hub's database, or a damaged one."""

    text = "%(file)s is not a sound copy of a hub's database. Nothing was changed."


class TranslationsDisagree(HubError, ValueError):
    """Two po files translate the same text, and not alike."""

    text = "%(first)s and %(second)s translate this text differently: %(text)s"


class TranslationsNotWritten(HubError, PermissionError):
    """The compiled translations are out of date and their folder cannot be written."""

    text = "The translations could not be compiled into %(folder)s: %(reason)s"


class AnswerUnexpected(HubError, ConnectionError):
    """A part of our own answered otherwise than it should."""

    text = "%(address)s answered %(status)s: %(said)s"


class MailRefusedForGood(HubError, ValueError):
    """The receiving server will never take this mail: no such address, or content it refuses."""

    text = "The mail server refused this mail: %(reason)s"


class MailDelayed(HubError, TimeoutError):
    """The receiving server does not take this mail now: a grey list, a full box."""

    text = "The mail server asks to try again later: %(reason)s"


class MailServerAway(HubError, ConnectionError):
    """Our own mail server cannot be reached, or does not let us in."""

    text = "The mail server %(server)s cannot be used: %(reason)s"


class ForeignKeysBroken(HubError, ValueError):
    """A migration would leave a row that points nowhere: nothing of it is kept."""

    text = (
        "The database was not changed: row %(row)s of %(table)s names a row of %(target)s that is "
        "not there. Restore a backup, or remove that row."
    )


class MailCutOff(HubError, ConnectionError):
    """The mail server went away in the middle: whether it has the mail is not known."""

    text = "The mail server %(server)s hung up in the middle of a mail: %(reason)s"


class DatabaseNotPrepared(HubError, ConnectionError):
    """The database is empty, or older than this program."""

    text = "The database %(database)s is not prepared for this version. Run: hub db upgrade"


class DatabaseUnreachable(HubError, ConnectionError):
    """The database does not answer, refuses the hub, or is not one."""

    text = "The database %(database)s cannot be used: %(reason)s"


class DataFolderUnusable(HubError, PermissionError):
    """The data folder is not there and cannot be made, or cannot be written."""

    text = (
        "The data folder %(folder)s cannot be used (%(reason)s). "
        "Set HUB_DATA to a folder that you may write."
    )


class HubRunning(HubError, ConnectionError):
    """Another `hub up` has the data folder."""

    text = (
        "A hub is running already with the data folder %(folder)s: %(address)s. "
        "Open that address, or stop the other one first (Ctrl-C where it was started)."
    )


class PortTaken(HubError, ConnectionError):
    """Another program listens on a port that the hub needs."""

    text = "Port %(port)s is taken by another program. Stop it, or set %(setting)s to a free port."


class PortUnusable(HubError, ConnectionError):
    """The system does not let the hub listen there."""

    text = "The hub cannot listen on %(host)s, port %(port)s: %(reason)s. Change %(settings)s."


class NotReady(HubError, ConnectionError):
    """A part did not come up in time."""

    text = "%(part)s did not come up within %(seconds)s seconds. Its log is in %(log)s."


# (kind, HTTP status, exit code), the first that fits counts.
_MEANINGS: tuple[tuple[type[Exception], int, int], ...] = (
    (PermissionError, 403, 3),
    (TimeoutError, 504, 6),
    (ConnectionError, 502, 5),
    (LookupError, 404, 4),
    (ValueError, 422, 2),
)


def http_status(error: Exception) -> int:
    """HTTP status for an error of any domain.

    >>> http_status(SettingInvalid(faults="HUB_PORT"))
    422
    """
    return next((status for kind, status, _ in _MEANINGS if isinstance(error, kind)), 500)


def exit_code(error: Exception) -> int:
    """Exit code of a command that met the error; 1 is a fault of our own.

    >>> exit_code(PortTaken(port=8800, setting="HUB_PORT"))
    5
    """
    return next((code for kind, _, code in _MEANINGS if isinstance(error, kind)), 1)
