"""What is wrong with the inside of a file."""

from cases.refusals import Refused


class Damaged(Refused):
    """The file begins well, and is cut off or not built as its kind is."""

    code = "FILE_DAMAGED"


class TooManyPixels(Refused):
    """Unpacked the image would be larger than anybody needs."""

    code = "IMAGE_TOO_LARGE"
