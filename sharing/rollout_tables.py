"""How a firm wants its rollouts made: one row a firm, none for the usual."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from sharing import tables
from supplychain.tables import UtcTime, now

# the foreign key below needs firm to be known
_ = tables


class RolloutSetting(SQLModel, table=True):
    """`approval`: a second person's yes before any rollout of the firm starts.

    It ends when two people have said so: `ends_by` is the first of them.
    """

    firm_id: int = Field(primary_key=True, foreign_key="firm.id")
    approval: bool = False
    ends_by: str = Field(default="", max_length=60)
    changed_by: str = Field(default="", max_length=60)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcTime)
