"""How far a reading and the page's own words agree: two readers of a page that know nothing of each
other. Pure functions of two texts; they know no pages, engines or Documents.
"""

from __future__ import annotations

from got_loaders.results.agreement.compare import Agreement, TextSpan, compare

__all__ = ["Agreement", "TextSpan", "compare"]
