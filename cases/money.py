"""Money is integers in minor units of one currency; the API shows decimals."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K")

# ISO 4217 exponents that are not 2.
# fmt: off
EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}
# fmt: on
AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,3})?", re.ASCII)


def exponent(currency: str) -> int:
    """Tell how many decimals a currency has (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


def parse(text: str, currency: str) -> int:
    """Turn a decimal such as ``19.90`` into minor units.

    :raises ValueError: not plain ASCII digits with exactly the decimals of the currency
    """
    if not AMOUNT.fullmatch(text):
        raise ValueError("an amount is plain digits with at most one point, such as 19.90")
    digits = exponent(currency)
    decimals = len(text.partition(".")[2])
    if decimals != digits:
        raise ValueError(f"{currency} has {digits} decimals")
    return int(text.replace(".", ""))


def show(minor: int, currency: str) -> str:
    """Turn minor units into a decimal: 1990, CNY → ``19.90``."""
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def shown(minor: int, currency: str) -> dict[str, str]:
    """Show an amount as the API does: ``{"amount": "19.90", "currency": "CNY"}``."""
    return {"amount": show(minor, currency), "currency": currency}


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide two integers >= 0 and round halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def worth(paid: int, quantity: int, *, before: int, pieces: int) -> int:
    """Tell what the next `pieces` of a line are worth when `before` have been valued already.

    Cumulative, so that the pieces of a line always sum to what was paid for it.
    """
    upto = round_half_up(paid * (before + pieces), quantity)
    return upto - round_half_up(paid * before, quantity)


def split(amount: int, weights: Mapping[K, int]) -> dict[K, int]:
    """Divide an amount in proportion to weights, by largest remainder; the parts sum to it."""
    total = sum(weights.values())
    parts = {key: amount * weight // total for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: amount * weights[key] % total, reverse=True)
    for key in by_remainder[: amount - sum(parts.values())]:
        parts[key] += 1
    return parts
