"""Shows what the model read: formulas as MathML, a chart, and a molecule if RDKit is there.

    python examples/render_notation.py [FOLDER]

The files are written into a temporary folder, unless one is named.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from got_loaders import render

PAGE = r"""
\title{Growth}
\section*{1 Model}
With \( N_{0} \) at the start,
\[ N(t)=N_{0} \mathrm{e}^{k t} \tag{1} \]
"""
CHART = '{"title": "Rabbits", "x_title": "Year", "values": {"2019": 12, "2020": 20, "2021": 33}}'
MOLECULE = "<smiles>CC(=O)Oc1ccccc1C(=O)O</smiles>"


def main(folder: Path) -> None:
    """Write what each text denotes, and say what came of it."""
    for name, text in (("page.html", PAGE), ("chart.svg", CHART), ("molecule.svg", MOLECULE)):
        rendered = render(text)
        if rendered.reason:
            print(f"{rendered.kind}: {rendered.reason}")
            continue
        for path in rendered.save(folder / name):
            print(f"{rendered.kind}: {path.name}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
