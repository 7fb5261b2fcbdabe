"""Which numbers of deliveries sites may know, as the signed statements say. No database.

A database that comes back from a backup would give numbers a second time that plants remember.
"""

import json
from pathlib import Path


def highest_delivery(statements: Path) -> int:
    """The highest number of a delivery that was ever signed into a site's list; 0 for none.

    `statements`: the folder of signed lists. What cannot be read says nothing.
    """
    highest = 0
    for file in (statements / "director").glob("*/*.targets.json"):
        try:
            targets = json.loads(file.read_bytes())["signed"]["targets"]
            told = [one["custom"]["delivery"] for one in targets.values()]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        highest = max([highest, *(number for number in told if isinstance(number, int))])
    return highest
