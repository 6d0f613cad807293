"""The local engine: runs a Pulumi program in Python without the Pulumi CLI.

It is a test tool: it speaks the public protocol of Pulumi's SDK and plugins, keeps to what the
CLI does, and refuses by name what it does not support.
"""

from .stack import Stack, create_or_select_stack

__all__ = ["Stack", "create_or_select_stack"]
