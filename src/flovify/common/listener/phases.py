"""Where a connection stands."""

from __future__ import annotations

from typing import Final

FRESH: Final = 0  # open, and no byte of a request yet
HEAD: Final = 1  # a request line has begun
BODY: Final = 2  # the headers are whole, the body is not
ANSWER: Final = 3  # a whole request is being answered; this takes as long as it takes
IDLE: Final = 4  # kept alive, between two requests
LINGER: Final = 5  # refused: what still comes is thrown away for a moment, so that the answer can be read
CLOSING: Final = 6  # closed from here; what is left of the answer is on its way

# Without a request, so that it can be given up for somebody who has one.
WAITING: Final = frozenset({FRESH, HEAD, IDLE})
