"""Layout analysis of scans by their white space (XY-cut); it needs no model.

The page is reduced to two megapixels, its paper's shades and a scanner's borders are taken off, and
what is left is ink (:mod:`.binarize`) in connected components (:mod:`.components`). The angle at
which most letters share baselines deskews the components, not the pixels (:mod:`.skew`). Components
are letters, rules, pictures, grids or dust, by their size beside the usual letter's
(:mod:`.elements`, :mod:`.ruling_lines`). The page is cut across where white space is wider than
between lines; neighbouring bands that share a gutter stay together and are cut down along it, and
so on within each column (:mod:`.xy_cut`, :mod:`.columns`); rows of short cells are a table and stay
whole (:mod:`.tables`). A column's lines are parted into blocks at wider steps and at other sizes of
type (:mod:`.text_lines`). Single lines at the page's ends are running headers and footers
(:mod:`.headers_footers`); other types come from size and neighbours (:mod:`.region_types`). What no
region holds becomes regions, too (:mod:`.remaining_ink`). All thresholds are in letter heights and
line spacings of the page. At most 12 cuts within cuts and 200 regions; beyond these the page is one
region.
"""
