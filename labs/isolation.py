"""Walls between trainees on one machine: the bubblewrap command round a person's server.

Inside there is a read-only system, the Python environment, the labs package without its
exercises and no courses (solutions are not for trainees), and the person's own home; not the data
folder, the keys, the database or anybody else's home, and no processes but one's own. The network
is the machine's: whatever listens on loopback must ask for a token. Needs no root.
"""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HOME = "/home/trainee"
_SYSTEM = ("/etc/ssl", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", "/etc/localtime")
_NAMESPACES = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
)


@cache
def why_not() -> str:
    """Why bubblewrap cannot be used here, in English; empty where it works (tried, not guessed)."""
    program = shutil.which("bwrap")
    if program is None:
        return "the program bwrap (bubblewrap) is not installed"
    trial = [program, *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap does not run: {error}"
    return "" if done.returncode == 0 else f"bwrap does not run: {done.stderr.strip()}"


def walls(home: Path) -> list[str]:
    """What is put before a server's command, so that it sees no more than it should."""
    here = Path(__file__).resolve().parent
    readable = dict.fromkeys(
        str(path)
        for path in (Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), here)
        if not path.is_relative_to("/usr")
    )
    command = [shutil.which("bwrap") or "bwrap", *_NAMESPACES]
    command += ["--die-with-parent", "--new-session", "--uid", "1000", "--gid", "1000"]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 -- its own
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path("/", name).is_symlink():
            command += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path("/", name).exists():
            command += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in _SYSTEM:
        command += ["--ro-bind-try", path, path]
    for path in readable:
        command += ["--ro-bind", path, path]
    # Where all packages lie in one folder that is bound, answers of tests would be read there.
    hidden = [here / "exercises", here.parent / "courses", here.parent / "hub"]
    bound = [Path("/usr"), *map(Path, readable)]
    for folder in hidden:
        if folder.is_dir() and any(folder.is_relative_to(each) for each in bound):
            command += ["--tmpfs", str(folder)]
    return [*command, "--bind", str(home), HOME, "--chdir", HOME, "--"]
