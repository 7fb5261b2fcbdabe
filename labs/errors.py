"""What can go wrong in labs.

DomainError
└── LabsError
"""

from supplychain.errors import DomainError


class LabsError(DomainError):
    """Any error of this package."""
