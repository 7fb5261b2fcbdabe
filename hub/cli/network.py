"""Networks in files, for the commands that work without a database."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any


def text_of(file: Path) -> IO[str]:
    """The lines of a text file from anywhere. Raises NetworkInvalid."""
    from supplychain.faults import Faults
    from supplychain.risk.errors import NetworkInvalid, TextUnreadable

    content = file.read_bytes()
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return io.StringIO(content.decode(encoding), newline="")
        except UnicodeDecodeError:
            continue
    raise NetworkInvalid(faults=Faults((TextUnreadable(file=file.name),)))


def links_around(file: Path, lead: str) -> tuple[str, list[tuple[str, str]]]:
    """The lead firm as the file spells it, and its links. Raises NetworkInvalid, NetworkEmpty."""
    from supplychain.risk.files import read_links

    links = read_links(text_of(file))
    return named_in(links, lead), links


def named_in(links: Iterable[tuple[str, str]], lead: str) -> str:
    """A firm as the links spell it. Raises NetworkInvalid, and says which firm may be meant."""
    from supplychain.faults import Faults
    from supplychain.risk.errors import LeadLike, LeadUnnamed, NetworkInvalid

    name = unicodedata.normalize("NFC", lead.strip())
    firms = {firm for link in links for firm in link}
    if name in firms:
        return name
    like = sorted(firm for firm in firms if firm.casefold() == name.casefold())
    fault = LeadLike(firm=name, like=like[0]) if like else LeadUnnamed(firm=name)
    raise NetworkInvalid(faults=Faults((fault,)))


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
    counts = {str(at): n for at, n in sorted(Counter(int(t) for t, _ in firms).items()) if at}
    return {
        "lead": lead,
        "tiers": counts,
        "named": counts,
        # Whoever supplies a firm of the chain is in the chain.
        "links": int(sum(tier[places[buyer]] >= 0 for _, buyer in links)),
        "circles": [sorted(names[place] for place in circle) for circle in circles(net)],
        "diamond_ratio": diamond_ratio(net, places[lead]),
        "firms": [{"name": name, "tier": int(at)} for at, name in firms],
    }
