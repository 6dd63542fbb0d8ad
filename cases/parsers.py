"""What a JSON body may be: at most a megabyte of UTF-8, no key twice, not too deep."""

import json
from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST = 1_000_000  # bytes


class TooLarge(APIException):
    """The body is larger than any request of ours needs to be."""

    status_code = 413
    default_code = "TOO_LARGE"
    default_detail = f"A body has at most {LARGEST} bytes."


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it; what readers could take in two ways is refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002 -- DRF's signature
        """Read a body.

        :raises ParseError: it is not JSON
        :raises TooLarge: it is too long
        """
        body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise TooLarge
        try:
            found = json.loads(
                body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
            )
            if b"\\ud" in body.lower():  # half of a pair of surrogates is no character
                json.dumps(found, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not valid JSON: {error}", "MALFORMED") from None
        return found


def _once(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")
