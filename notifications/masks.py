"""What may be shown of an address: enough to recognise it, not enough to use it."""

SHORTEST = 9  # characters: of a shorter one the rest could be guessed


def masked(address: str) -> str:
    """Hide the greater part of a phone number or mail address: `+86 *** 4321`, `b***@shop.cn`."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{address[:3]} *** {address[-4:]}" if len(address) > SHORTEST else "***"
