from tests.api.conftest import nothing_changes

__all__ = ["nothing_changes"]
