"""What can go wrong with scenarios.

ScenarioError (SupplyChainError)
├── QuestionInvalid (ValueError)
├── ScenarioNameMissing, ScenarioNameTaken (ValueError)
├── ScenarioNotFound, NothingToShow (LookupError)
└── ShareRefused (PermissionError)
"""

from supplychain.errors import SupplyChainError


class ScenarioError(SupplyChainError):
    """Any error of scenarios."""


class QuestionInvalid(ScenarioError, ValueError):
    """Numbers out of range or words that are not known; `faults` names every one of them."""

    text = "The question cannot be answered: %(faults)s"


class ScenarioNameMissing(ScenarioError, ValueError):
    """Saved without a name."""

    text = "Give the scenario a name of at most 100 characters."


class ScenarioNameTaken(ScenarioError, ValueError):
    """Another question of the firm has that name."""

    text = "There is another scenario with the name %(name)s. Choose another name."


class ScenarioNotFound(ScenarioError, LookupError):
    """No such scenario of the asker's firm, or none that was shared with it."""

    text = "There is no scenario %(scenario)s of yours."


class NothingToShow(ScenarioError, LookupError):
    """A shared scenario of which its reader may see nothing."""

    text = "Nothing of what stops in this scenario is yours to see."


class ShareRefused(ScenarioError, PermissionError):
    """The other firm is no direct partner, or does not speak for itself yet."""

    text = "A scenario can be shared with direct suppliers and customers that have joined."
