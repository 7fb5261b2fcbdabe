"""Sheets on their way in: short ones at once, long ones by the worker, all of one or nothing.

Reading and comparing are done outside the transaction that writes, which is short.
"""

from hub.jobs import Reconciler
from hub.wiring import Hub

LONG = 5_000  # rows; more than these are left to the worker


def give_in(hub: Hub, sheet_id: int, actor: str) -> str:
    """Take a waiting sheet in: at once, or by the worker where it is long. Its state afterwards.

    A sheet that is on its way or taken in already is left as it is. Raises SheetRefused where the
    file can no longer be read by its layout.
    """
    raise NotImplementedError


def work_through(hub: Hub) -> bool:
    """Take in the next sheet that is queued, or that a worker left behind; whether there was one."""
    raise NotImplementedError


RECONCILERS = [Reconciler("sheets", work_through)]
