"""Measures how well and how fast firms are told apart; README's table "Matching" is from here.

    .venv/bin/python -m tests.bench.matching [well] [fast] [fit] [FIRMS]

`well`: precision, recall, F1 and average precision on Open Supply Hub's labelled pairs (where the
data is at hand) and on our Korean ones, five folds split by firm, beside plain rapidfuzz and, where
they are installed, dedupe and splink. `fast`: FIRMS generated firms (100,000) against each other.
`fit`: prints the coefficients that supplychain.coefficients holds. Nothing is asserted.
"""

import importlib.util
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from supplychain.coefficients import EXPECTED, SPREAD
from supplychain.likeness import ASK, SHIPPED, Named, Near, candidates, likely, likeness
from supplychain.matching import name_key
from tests.bench.matching_firms import generated
from tests.bench.matching_pairs import (
    Figures,
    Labelled,
    cross_validated,
    figures,
    fitted,
    korean,
    measured,
    osh,
    scored,
)

SHARED = Path(os.environ.get("HUB_TEST_SHARED", Path(__file__).parents[3] / "shared"))
HAS_OSH = (SHARED / "data" / "osh").is_dir()
SCORERS: dict[str, Callable[[str, str], float]] = {
    name: getattr(fuzz, name) for name in ("ratio", "token_sort_ratio", "token_set_ratio", "WRatio")
}


def plain(pairs: Sequence[Labelled], scorer: Callable[[str, str], float]) -> np.ndarray:
    """rapidfuzz on names as they stand, small letters."""
    return scored(pairs, lambda a, b: scorer(a.name.casefold(), b.name.casefold()))


def plain_with_address(
    pairs: Sequence[Labelled], scorer: Callable[[str, str], float]
) -> np.ndarray:
    """The same, averaged with the addresses' likeness where there are any."""
    names = plain(pairs, scorer)
    return (names + scored(pairs, lambda a, b: scorer(a.address, b.address))) / 2


def best(pairs: Sequence[Labelled]) -> tuple[str, np.ndarray]:
    """The scorer of rapidfuzz that does best, chosen with the answers in sight: its best case."""
    tried = {name: plain(pairs, scorer) for name, scorer in SCORERS.items()}
    if any(pair.a.address for pair in pairs):
        tried |= {
            f"{name}, names and addresses": plain_with_address(pairs, scorer)
            for name, scorer in SCORERS.items()
        }
    return max(tried.items(), key=lambda item: figures(pairs, item[1]).average)


def row(what: str, found: Figures) -> None:
    cells = " | ".join(f"{value:.2f}" for value in found)
    print(f"| {what} | {cells} |")


def well() -> None:
    """The table of accuracy."""
    sets = {"Korean names": korean()} | ({"Open Supply Hub": osh(SHARED)} if HAS_OSH else {})
    chances = cross_validated(EXPECTED, list(sets.values()), SPREAD)
    print("| pairs, method | precision | recall | F1 | average precision |\n|---|---|---|---|---|")
    for (name, pairs), chance in zip(sets.items(), chances, strict=True):
        same = np.array([pair.same for pair in pairs])
        print(f"| **{name}**: {len(pairs)} pairs, {same.sum()} of one firm | | | | |")
        row(f"chosen, asked from {ASK}", measured(chance >= ASK, same, chance))
        row("chosen, best threshold of the other folds", figures(pairs, chance))
        how, scores = best(pairs)
        row(f"rapidfuzz, {how}", figures(pairs, scores))
        row("rapidfuzz, token_set_ratio", figures(pairs, plain(pairs, fuzz.token_set_ratio)))
        _others(pairs)
    unseen = korean("korean_unseen")
    same = np.array([pair.same for pair in unseen])
    chance = scored(unseen, lambda a, b: likeness(a, b).probability)
    print(
        f"| **Korean names, never fitted**: {len(unseen)} pairs, {same.sum()} of one firm | | | | |"
    )
    row(f"as shipped, asked from {ASK}", measured(chance >= ASK, same, chance))
    how, scores = best(unseen)
    row(f"rapidfuzz, {how}", figures(unseen, scores))


def _others(pairs: Sequence[Labelled]) -> None:
    from tests.bench import matching_others

    for name in ("dedupe", "splink"):
        if importlib.util.find_spec(name):
            scores = getattr(matching_others, f"{name}_scores")(pairs)
            row(name, figures(pairs, scores))
        else:
            print(f"| {name}: not installed | | | | |")


def fast(count: int) -> None:
    """The table of speed; what was generated as one firm tells what blocking finds."""
    firms, truth = generated(count)
    began, used = time.perf_counter(), time.process_time()
    found = likely(firms)
    took, used = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = set(candidates(firms))
    near = Near(firms)
    began = time.perf_counter()
    for firm in firms[:200]:
        near.to(firm)
    asked = (time.perf_counter() - began) / 200
    print("| what | figure |\n|---|---|")
    print(f"| {count:,} firms against each other | {took:.0f} s ({used:.0f} s of one processor) |")
    print(f"| memory at most | {peak:.0f} MB |")
    print(f"| pairs looked at, pairs worth a person's look | {len(pairs):,}, {len(found):,} |")
    print(f"| one firm against {count:,}, once they are read | {asked * 1000:.1f} ms |")
    for kind in dict.fromkeys(truth.values()):
        of_kind = [pair for pair, its in truth.items() if its == kind]
        share = sum(pair in pairs for pair in of_kind) / len(of_kind)
        print(f"| pairs of one firm that are looked at: {kind} | {share:.3f} |")
    print(f"| labelled pairs of one firm that are looked at, put among them | {_kept(firms):.3f} |")
    _cdist(firms)


def _kept(firms: Sequence[Named]) -> float:
    """Blocking recall of real labels, hidden among many other firms."""
    labelled = [*korean(), *(osh(SHARED) if HAS_OSH else [])]
    ids = {firm: -at for at, firm in enumerate({f for p in labelled for f in (p.a, p.b)}, 1)}
    hidden = [firm._replace(id=number) for firm, number in ids.items()]
    pairs = set(candidates([*firms, *hidden], {firm.id for firm in hidden}))
    same = [tuple(sorted((ids[p.a], ids[p.b]))) for p in labelled if p.same]
    return sum(pair in pairs for pair in same) / len(same)


def _cdist(firms: Sequence[Named]) -> None:
    """What the plain way would take: every name against every name, told from 2,000 of them."""
    from rapidfuzz.process import cdist

    keys = [name_key(firm.name) for firm in firms]
    some = keys[:2000]
    began = time.perf_counter()
    cdist(some, keys, scorer=fuzz.ratio, score_cutoff=80, dtype=np.uint8)
    whole = (time.perf_counter() - began) * len(keys) / len(some) / 2
    print(f"| rapidfuzz cdist, all pairs once, one processor (from 2,000 rows) | {whole:.0f} s |")


def fit() -> None:
    """The coefficients, as data."""
    sets = [korean(), osh(SHARED)]
    found = fitted(EXPECTED, sets, SPREAD)
    print(round(found.intercept, 2), {name: round(w, 2) for name, w in found.weights.items()})
    print("shipped:", SHIPPED)


def main() -> None:
    words = sys.argv[1:]
    count = next((int(word) for word in words if word.isdecimal()), 100_000)
    wanted = [word for word in words if not word.isdecimal()] or ["well", "fast"]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, "
          f"load before {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    for word in wanted:
        {"well": well, "fast": lambda: fast(count), "fit": fit}[word]()
        print()


if __name__ == "__main__":
    main()
