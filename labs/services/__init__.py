"""What people do in labs: open one, hand in, look again at a grade."""

from labs.services.attempts import (
    attempts_of,
    best_attempt,
    hand_in,
    one_attempt,
    review,
)
from labs.services.workbenches import model_behind, open_lab, workbench_of

__all__ = [
    "attempts_of",
    "best_attempt",
    "hand_in",
    "model_behind",
    "one_attempt",
    "open_lab",
    "review",
    "workbench_of",
]
