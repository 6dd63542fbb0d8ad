"""How large a test is: small every day, full with `make soak`."""

import os

SOAK = os.environ.get("SOAK") == "1"


def size(small: int, full: int) -> int:
    return full if SOAK else small
