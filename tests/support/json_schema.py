"""jsonschema as where rfc3987_syntax is not installed.

That one builds 39 grammars when it is loaded, which is five seconds for each test process; no schema here has an IRI.
"""

from __future__ import annotations

from flovify.common.without import without

with without("rfc3987_syntax"):
    import jsonschema

__all__ = ["jsonschema"]
