"""What a bundle must pass before anyone may be offered it; every fault is told at once.

A bundle is model.onnx, card.json (sharing.card), golden.json (rows with the results that the
publisher saw), and, where it has them, head.onnx and calibration.json (sharing.agent.bundle).
`inspect_bundle` only looks; `faults_of` also loads the model and computes the golden rows;
`examine` does the same in a process of its own, with limits on time and memory:

    python -m sharing.gate FOLDER
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sharing.agent.bundle import FILES as NEEDED
from sharing.agent.bundle import KNOWN
from sharing.agent.calibration import Calibration
from sharing.agent.errors import CardUnreadable
from sharing.card import Card, card_from, gaps
from sharing.faults import CHECKS, Fault, few
from sharing.golden import Golden, golden_from
from sharing.graph import MOST_BYTES, model_faults
from sharing.trial import tried

FILES = tuple(sorted(NEEDED))
LARGEST = {
    "model.onnx": MOST_BYTES,
    "card.json": 2**20,
    "golden.json": 8 * 2**20,
    "head.onnx": 20 * 2**20,
    "calibration.json": 2**16,
}
SECONDS = 60
_MEMORY = 4 * 2**30
_MOST_ANSWER = 2**20
# What the process that loads a stranger's model is told of ours: where programs are, no secrets.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
_MODELS = ("format", "operators", "inside")


@dataclass(frozen=True)
class Examined:
    """What the gate found.

    `figures` are measured: `load_ms`, `p50_ms` and `p99_ms` for one row on one core, `memory_mb`.
    `reached` names the checks that could be made; what stands in the way of the others is a fault.
    """

    faults: list[Fault]
    figures: Mapping[str, float] = field(default_factory=dict)
    reached: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether the bundle may be published."""
        return not self.faults

    @property
    def checks(self) -> dict[str, str]:
        """Check → passed, failed or waiting (could not be made yet), in the gate's order.

        >>> found = Examined([Fault("golden_empty")], {}, frozenset({"files", "golden"}))
        >>> [found.checks[name] for name in ("files", "golden", "latency")]
        ['passed', 'failed', 'waiting']
        """
        wrong = {fault.check for fault in self.faults}
        return {
            name: "failed" if name in wrong else "passed" if name in self.reached else "waiting"
            for name in CHECKS
        }


def check(bundle: Path | Mapping[str, bytes], seconds: float = SECONDS) -> list[Fault]:
    """Every fault of a bundle, found in a process of its own; empty means that it passed."""
    return examine(bundle, seconds=seconds).faults


def examine(
    bundle: Path | Mapping[str, bytes], *, shared: bool = True, seconds: float = SECONDS
) -> Examined:
    """What a process of its own finds; `shared`: with others than the firm itself.

    The process may use `seconds` and 4 GB of address space (no memory limit on Windows), and
    write nothing; a model that breaks it is a fault, and never harms the caller. What was found
    before that is told all the same.
    """
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        if not isinstance(bundle, Path):
            for name, data in bundle.items():
                (Path(folder) / (Path(name).name or "unnamed")).write_bytes(data)
            bundle = Path(folder)
        ended, told = _apart(bundle.resolve(), shared, seconds)
    lines = [Examined([Fault(**f) for f in t["faults"]], t["figures"], frozenset(t["reached"]))
             for t in _lines(told)]  # fmt: skip
    if len(lines) == 2:
        return lines[1]
    broke = (
        Fault("check_broke")
        if ended is not None
        else Fault("check_too_long", {"seconds": max(1, int(seconds))})
    )
    before = lines[0] if lines else Examined([])
    return Examined(few([*before.faults, broke]), before.figures, before.reached)


def faults_of(bundle: Path | Mapping[str, bytes]) -> list[Fault]:
    """Every fault of a bundle, here and now; loads the model where its structure is sound."""
    return examined_here(bundle).faults


def examined_here(
    bundle: Path | Mapping[str, bytes],
    *,
    shared: bool = True,
    meanwhile: Callable[[Examined], None] = lambda _: None,
) -> Examined:
    """The same in this process. `meanwhile` hears what was found before anything is loaded."""
    files = files_in(bundle)
    looked = _looked(files, shared=shared)
    so_far = Examined(few(looked.faults), {}, frozenset(looked.reached))
    meanwhile(so_far)
    if not looked.sound_models:
        return so_far
    found = tried(files, looked.card, looked.golden)
    reached = so_far.reached | set(found.reached)
    if "fits" not in found.reached:
        reached -= {"fits"}
    return Examined(few([*looked.faults, *found.faults]), found.figures, reached)


def inspect_bundle(bundle: Path | Mapping[str, bytes]) -> list[Fault]:
    """Every fault that shows without loading the model: files, card, structure, golden rows."""
    return _looked(files_in(bundle), shared=True).faults


def files_in(bundle: Path | Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files of a bundle; what is larger than any bundle file may be is cut off there."""
    if not isinstance(bundle, Path):
        return bundle
    files = {}
    for path in sorted(bundle.iterdir()):
        with path.open("rb") if path.is_file() else open(os.devnull, "rb") as file:  # noqa: PTH123
            files[path.name] = file.read(MOST_BYTES + 1)
    return files


@dataclass
class _Looked:
    faults: list[Fault]
    reached: set[str]
    card: Card | None = None
    golden: Golden | None = None
    sound_models: bool = False


def _looked(files: Mapping[str, bytes], *, shared: bool) -> _Looked:
    strange = [Fault("file_unknown", {"file": n[:80]}) for n in sorted(files) if n not in KNOWN]
    each = {name: _file_faults(name, files.get(name)) for name in KNOWN}
    looked = _Looked([*strange, *(fault for name in KNOWN for fault in each[name])], {"files"})
    sound = {name for name in KNOWN if name in files and not each[name]}
    if "card.json" in sound:
        looked.reached |= {"card"}
        looked.card, found = card_from(files["card.json"])
        looked.faults += found
        told = looked.card or _readable(files["card.json"])
        if told is not None:  # whatever else is wrong with it
            looked.reached |= {"origin", "licence", "legal"}
            looked.faults += gaps(told, shared=shared)
    _look_at_models(looked, files, sound)
    if "golden.json" in sound:
        schema = looked.card.signature if looked.card else None
        looked.golden, found = golden_from(files["golden.json"], schema)
        looked.faults += found
    if "calibration.json" in sound:
        looked.faults += _calibration(files["calibration.json"], looked.card)
    return looked


def _look_at_models(looked: _Looked, files: Mapping[str, bytes], sound: set[str]) -> None:
    schema = looked.card.signature if looked.card else None
    found: list[Fault] = []
    for name in ("model.onnx", "head.onnx"):
        if name in sound:
            found += model_faults(files[name], schema, name)
    if "model.onnx" in sound:
        looked.reached |= {*_MODELS, "fits"}
    looked.faults += found
    looked.sound_models = (
        not found and "model.onnx" in sound and ("head.onnx" in sound) == ("head.onnx" in files)
    )


def _readable(text: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _calibration(text: bytes, card: Card | None) -> list[Fault]:
    try:
        told = json.loads(text)
        if not isinstance(told, dict):
            return [Fault("calibration_wrong", {"detail": "{ … }"})]
        if card is not None:
            Calibration.of(told, [column.name for column in card.signature.outputs])
    except CardUnreadable as error:
        return [Fault("calibration_wrong", {"detail": error.facts["why"]})]
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return [Fault("json_unreadable", {"file": "calibration.json", "line": line})]
    return []


def _file_faults(name: str, data: bytes | None) -> list[Fault]:
    if data is None:
        return [Fault("file_missing", {"file": name})] if name in FILES else []
    if not data:
        return [Fault("file_empty", {"file": name})]
    if len(data) > LARGEST[name]:
        most = LARGEST[name] / 2**20
        facts = {"file": name, "megabytes": f"{len(data) / 2**20:.1f}", "most": f"{most:g}"}
        return [Fault("file_too_large", facts)]
    return []


def _apart(folder: Path, shared: bool, seconds: float) -> tuple[int | None, bytes]:
    """Exit code of the process (None: it took too long) and what it had said."""
    command = [sys.executable, "-I", "-m", "sharing.gate", str(folder)]
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            [*command, *([] if shared else ["--private"])],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, env=known,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        return None, error.output or b""
    return done.returncode, done.stdout


def _lines(told: bytes) -> Iterable[dict[str, Any]]:
    for line in told[:_MOST_ANSWER].splitlines()[:2]:
        try:
            yield json.loads(line)
        except ValueError:  # cut off in the middle
            return


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(nothing, (0, 0))


def _say(found: Examined) -> None:
    told = {
        "faults": [asdict(fault) for fault in found.faults],
        "figures": dict(found.figures),
        "reached": sorted(found.reached),
    }
    # ASCII, in which half a character of a hostile file is only a number
    sys.stdout.write(json.dumps(told, ensure_ascii=True, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Say what shows by looking, then what a trial finds: two lines of JSON."""
    _limit()
    said: list[Examined] = []

    def meanwhile(found: Examined) -> None:
        said.append(found)
        _say(found)

    shared = "--private" not in sys.argv[2:]
    try:
        found = examined_here(Path(sys.argv[1]), shared=shared, meanwhile=meanwhile)
    except MemoryError:
        before = said[0] if said else Examined([])
        found = Examined([*before.faults, Fault("check_broke")], {}, before.reached)
        if not said:
            _say(before)
    _say(found)


if __name__ == "__main__":
    main()
