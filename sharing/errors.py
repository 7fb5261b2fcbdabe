"""What can go wrong in sharing.

DomainError
└── SharingError
"""

from supplychain.errors import DomainError


class SharingError(DomainError):
    """Any error of this package."""
