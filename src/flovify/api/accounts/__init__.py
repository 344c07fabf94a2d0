"""Connected accounts as the console shows them: what auth knows of them, with the api's own figures."""

from __future__ import annotations
