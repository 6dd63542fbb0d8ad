"""The whole system with one command: `python -m config.stack`, which is what `make up` runs."""


class StackError(Exception):
    """The stack cannot start. The message is one sentence for the person at the terminal."""
