"""Networks in files, for the commands that work without a database."""

import io
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import IO, Any


def text_of(file: Path) -> IO[str]:
    """The lines of a text file from anywhere. Raises NetworkInvalid."""
    from supplychain.risk.errors import NetworkInvalid

    content = file.read_bytes()
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return io.StringIO(content.decode(encoding), newline="")
        except UnicodeDecodeError:
            continue
    raise NetworkInvalid(faults=f"{file.name} is neither UTF-8 nor CP949 text")


def links_around(file: Path, lead: str) -> tuple[str, list[tuple[str, str]]]:
    """The lead firm as the file spells it, and its links. Raises NetworkInvalid, NetworkEmpty."""
    from supplychain.risk.errors import NetworkInvalid
    from supplychain.risk.files import read_links

    links, name = read_links(text_of(file)), unicodedata.normalize("NFC", lead.strip())
    firms = {firm for link in links for firm in link}
    if name in firms:
        return name, links
    like = sorted(firm for firm in firms if firm.casefold() == name.casefold())
    hint = f"; did you mean {like[0]}?" if like else ""
    raise NetworkInvalid(faults=f"no link names the firm {name!r}{hint}")


def is_network(file: Path) -> bool:
    """Whether a file is a CSV with columns supplier and buyer, and so needs no sheet reader."""
    from supplychain.risk.errors import NetworkInvalid

    if file.suffix.lower() != ".csv":
        return False
    try:
        header = text_of(file).readline()
    except NetworkInvalid:
        return False
    cells = re.split(r"[,;\t]", header)
    return {"supplier", "buyer"} <= {cell.strip(' "\r\n').lower() for cell in cells}


def tiers_in_network(file: Path, lead: str) -> dict[str, Any]:
    """What `hub supply tiers` answers. Raises NetworkInvalid, NetworkEmpty."""
    from supplychain.risk.chokepoints import named
    from supplychain.risk.reach import circles, diamond_ratio, tiers

    lead, links = links_around(file, lead)
    places, net = named(links)
    names, tier = tuple(places), tiers(net, places[lead])
    firms = sorted((tier[place], name) for name, place in places.items() if tier[place] >= 0)
    return {
        "lead": lead,
        "tiers": {str(at): n for at, n in sorted(Counter(int(t) for t, _ in firms).items()) if at},
        # Whoever supplies a firm of the chain is in the chain.
        "links": int(sum(tier[places[buyer]] >= 0 for _, buyer in links)),
        "circles": [sorted(names[place] for place in circle) for circle in circles(net)],
        "diamond_ratio": diamond_ratio(net, places[lead]),
        "firms": [{"name": name, "tier": int(at)} for at, name in firms],
    }
