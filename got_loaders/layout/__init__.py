"""A page's picture → its regions in reading order, and each region's own picture.

The whitespace method, for scans; it needs no model. The page is reduced to two megapixels, its
paper's shades and a scanner's borders are taken off, and what is left is ink (:mod:`.ink`) in
connected patches (:mod:`.blobs`). The angle at which most letters share baselines levels the
patches, not the pixels (:mod:`.skew`). Patches are letters, rules, pictures, grids or dust, by
their size beside the usual letter's (:mod:`.parts`, :mod:`.rulings`). The page is cut across
where white space is wider than between lines; neighbouring bands that share a gutter stay
together and are cut down along it, and so on within each column (:mod:`.cuts`,
:mod:`.columns`); rows of short cells are a table and stay whole (:mod:`.tables`). A column's
lines are parted into blocks at wider steps and at other sizes of type (:mod:`.lines`). Single
lines at the page's ends are heads and feet (:mod:`.margins`); other types come from size and
neighbours (:mod:`.kinds`). All thresholds are in letter heights and line steps of the page.
At most 12 cuts within cuts and 200 regions; beyond these the page is one region.

Knows pictures and values only: no options, documents or engines. :mod:`.detector` is the other
way to the same regions, by a model, and nothing here imports it.
"""

from got_loaders.layout.crop import cut_region
from got_loaders.layout.scan.analyzer import MAX_REGIONS, find_regions

__all__ = ["MAX_REGIONS", "cut_region", "find_regions"]
