"""Molecules as the model writes them, drawn."""

from __future__ import annotations

import pytest

from got_loaders.rendering.molecule import molecule
from tests.rendering.drawn import elements

pytest.importorskip("rdkit", reason="the extra render is not installed")

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def drawn(smiles: str) -> str:
    """What RDKit itself draws."""
    from rdkit import Chem
    from rdkit.Chem.Draw import rdMolDraw2D

    drawing = rdMolDraw2D.MolDraw2DSVG(-1, -1)
    rdMolDraw2D.PrepareAndDrawMolecule(drawing, Chem.MolFromSmiles(smiles))
    drawing.FinishDrawing()
    return str(drawing.GetDrawingText())


@pytest.mark.parametrize("smiles", [ASPIRIN, "C[C@H](N)C(=O)O", "[Na+].[Cl-]", "C/C=C/C"])
def test_a_molecule_is_what_rdkit_draws(smiles: str) -> None:
    """Every bond and letter is RDKit's own; the size is the molecule's."""
    rendered = molecule(f"<smiles>{smiles}</smiles>")
    assert rendered.reason is None
    (svg,) = rendered.svgs
    assert elements(svg) == elements(drawn(smiles))
    assert rendered == molecule(rendered.source)


@pytest.mark.parametrize(
    "text",
    [
        "<smiles>CCO</smiles><smiles>CC</smiles>",
        "<smiles>CCO</smiles> and <smiles>CC",
        "CCO ethanol\nCC ethane\n",
        "```smiles\nCCO\nCC\n```",
    ],
)
def test_each_molecule_has_its_picture(text: str) -> None:
    """Between tags, the last of which may be cut off, or one a line, with its name or without."""
    rendered = molecule(text)
    assert [elements(svg) for svg in rendered.svgs] == [elements(drawn(s)) for s in ("CCO", "CC")]
    assert 'alt="Molecule, 1 of 2"' in rendered.html


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CC(", "syntax error while parsing: CC("),
        ("<smiles>C1=CC</smiles>", "unclosed ring"),
        ("CC(C)(C)(C)C", "valence"),
        ("c1cccc1", "kekulize"),
        ("hello", "syntax error"),
        ("", "no molecule"),
        ("<smiles></smiles>", "no molecule"),
        ("C" * 4000, "4000 atoms, more than 999"),
        ("C" * 6000, "longer than 5,000 characters"),
        ("word\n" * 200_000, "longer than 500,000 characters"),
        ("CC\n" * 60, "60 molecules, more than 50"),
        ("CC\nC(\n", "C("),
        ("<smiles>\x00CC(</smiles>", "CC("),
    ],
)
def test_what_is_no_molecule_is_refused(text: str, reason: str) -> None:
    """RDKit's own words say why, in one line, and the source is shown."""
    rendered = molecule(text)
    assert rendered.svgs == ()
    assert rendered.reason is not None
    assert reason in rendered.reason
    assert "\n" not in rendered.reason
    assert "[0" not in rendered.reason  # the time of day
