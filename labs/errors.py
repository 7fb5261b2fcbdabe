"""What can go wrong in labs.

DomainError
└── LabsError
    ├── LabNotFound (LookupError)
    ├── LabNotOpened (LookupError)
    ├── ModelNotPublished (LookupError)
    ├── AttemptNotFound (LookupError)
    ├── AnswersUnreadable (ValueError)
    ├── TokenRefused (PermissionError)
    ├── JupyterHubAway (ConnectionError)
    ├── JupyterHubRefused (ConnectionError)
    ├── SpawnFailed (ConnectionError)
    ├── SpawnSlow (TimeoutError)
    └── CellFailed (ValueError)
"""

from supplychain.errors import DomainError


class LabsError(DomainError):
    """Any error of this package."""


class LabNotFound(LabsError, LookupError):
    """No lab has that name."""

    text = "There is no lab %(lab)s here."


class LabNotOpened(LabsError, LookupError):
    """Something was handed in for a lab that the person never opened."""

    text = "You have not opened the lab %(lab)s yet. Open it from its page first."


class ModelNotPublished(LabsError, LookupError):
    """The lab practises on a shared model that this hub does not have."""

    text = (
        "This lab practises on the shared model %(model)s, which is not published here yet. "
        "Please tell your instructor."
    )


class AttemptNotFound(LabsError, LookupError):
    """No such hand-in, or it is not for the asker to see."""

    text = "There is no hand-in number %(number)s here."


class AnswersUnreadable(LabsError, ValueError):
    """What was handed in is not a set of named answers of a sensible size."""

    text = "What you handed in cannot be read: %(reason)s. Hand in the answers of the notebook."


class TokenRefused(LabsError, PermissionError):
    """JupyterHub does not know the token that came with a request of a notebook."""

    text = "Your lab's sign-in has expired. Open the lab from its page again; your work is kept."


class JupyterHubAway(LabsError, ConnectionError):
    """JupyterHub does not answer."""

    text = (
        "The lab server (JupyterHub) does not answer at the moment. "
        "Nothing is lost. Please try again in a minute, or tell your instructor."
    )


class JupyterHubRefused(LabsError, ConnectionError):
    """JupyterHub answered something that was not asked for."""

    text = "The lab server (JupyterHub) refused: %(what)s answered %(status)s (%(reason)s)."


class SpawnFailed(LabsError, ConnectionError):
    """JupyterHub could not start the person's server."""

    text = (
        "Your lab could not be started: %(reason)s. "
        "Please try again; if it fails again, show this line to your instructor."
    )


class SpawnSlow(LabsError, TimeoutError):
    """The server was still not ready when the wait was over."""

    text = "Your lab was not ready within %(seconds)s seconds. Please open it again."


class CellFailed(LabsError, ValueError):
    """A cell of a notebook that the hub ran ended with an error."""

    text = "Cell %(cell)s of the notebook ended with %(error)s: %(message)s"
