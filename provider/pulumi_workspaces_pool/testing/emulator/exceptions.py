"""The errors that AWS answers for pools, beside those that moto has for WorkSpaces."""

# ruff: noqa: N818 - these are AWS's names

from moto.core.exceptions import JsonRESTError
from moto.workspaces.exceptions import (
    InvalidParameterValuesException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)

__all__ = [
    "InvalidParameterValuesException",
    "InvalidResourceStateException",
    "OperationInProgressException",
    "ResourceAlreadyExistsException",
    "ResourceLimitExceededException",
    "ResourceNotFoundException",
    "SerializationException",
    "ValidationException",
]


class InvalidResourceStateException(JsonRESTError):
    """The resource is in a state that does not allow the operation."""

    code = 400

    def __init__(self, message: str) -> None:
        """Answer `message` with this error's code."""
        super().__init__("InvalidResourceStateException", message)


class OperationInProgressException(JsonRESTError):
    """The resource is on its way from one state to another."""

    code = 400

    def __init__(self, message: str) -> None:
        """Answer `message` with this error's code."""
        super().__init__("OperationInProgressException", message)


class ResourceLimitExceededException(JsonRESTError):
    """The account has as many resources as its quota allows."""

    code = 400

    def __init__(self, message: str) -> None:
        """Answer `message` with this error's code."""
        super().__init__("ResourceLimitExceededException", message)


class SerializationException(JsonRESTError):
    """The request is no JSON, or a member of it has the wrong type."""

    code = 400

    def __init__(self, message: str) -> None:
        """Answer `message` with this error's code."""
        super().__init__("SerializationException", message)
