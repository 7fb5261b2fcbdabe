"""Lists the measurements and how each is called.

.venv/bin/python -m tests.bench
"""

import ast
from pathlib import Path


def main() -> None:
    """What each measures, and its command, as its own first lines say."""
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        what, _, rest = said.partition("\n\n")
        command = rest.split("\n", 1)[0].strip()
        if command.startswith(".venv/bin/python -m"):
            print(f"{what}\n    {command}\n")


if __name__ == "__main__":
    main()
