"""A page's picture → its regions in reading order, and each region's own picture.

:mod:`.scan` finds them by the white space between them, without a model; :mod:`.detector` by any
object-detection checkpoint. :mod:`.crop` cuts a region out of its page, :mod:`.region_canvas` lays
it on a canvas that the model can read, and :mod:`.blank` tells an empty page.

Knows pictures and values only: no options, documents or engines. Importing this loads nothing.
"""

MAX_REGIONS = 200
"""Regions of one page at most."""
