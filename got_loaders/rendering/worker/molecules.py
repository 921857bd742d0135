"""Draws molecules with RDKit. Runs in the process that draws, only."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr
from pathlib import Path

import rdkit
from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from got_loaders.rendering.worker.values import DrawingError, Drawn

__all__ = ["draw", "files", "svg_of"]

_MAX_ATOMS = 999
"""Beyond it nothing can be made out, and laying it out takes long."""
_TIME = re.compile(r"\[\d\d:\d\d:\d\d\] ")


def draw(payload: bytes) -> Drawn:
    """A picture of each molecule in ``payload``, one a line; none where one is no molecule."""
    return Drawn(tuple(map(svg_of, payload.decode("utf-8").split("\n"))))


def svg_of(smiles: str) -> str:
    """The drawing of one molecule, with alternating bonds, as large as it needs to be."""
    with redirect_stderr(io.StringIO()) as said:
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise DrawingError(_reason(smiles, said.getvalue()))
    if molecule.GetNumAtoms() == 0:
        raise DrawingError("it has no atoms")
    if molecule.GetNumAtoms() > _MAX_ATOMS:
        raise DrawingError(f"it has {molecule.GetNumAtoms()} atoms, more than {_MAX_ATOMS}")
    drawing = rdMolDraw2D.MolDraw2DSVG(-1, -1)  # as large as its bonds of 28 pixels make it
    rdMolDraw2D.PrepareAndDrawMolecule(drawing, molecule, kekulize=True)
    drawing.FinishDrawing()
    return str(drawing.GetDrawingText())


def files() -> str:
    """The folder that RDKit may read."""
    rdBase.LogToPythonStderr()
    svg_of("CC(=O)Oc1ccccc1C(=O)O")
    return str(Path(rdkit.__file__).parent)


def _reason(smiles: str, said: str) -> str:
    """What RDKit complained of first, without the time of day."""
    lines = [_TIME.sub("", line).strip() for line in said.splitlines()]
    told = next((line for line in lines if line), "")
    return f"RDKit can't read it as SMILES: {told}" if told else f"no molecule: {smiles}"
