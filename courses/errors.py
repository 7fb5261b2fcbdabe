"""What can go wrong in courses.

DomainError
└── CoursesError
"""

from supplychain.errors import DomainError


class CoursesError(DomainError):
    """Any error of this package."""
