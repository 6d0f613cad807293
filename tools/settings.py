"""Keeps a person's own stacks, accounts and proxies out of the demo."""

from __future__ import annotations

import os


def forget_personal_settings() -> None:
    """Take from this process's environment what would lead away from emulated AWS.

    A proxy that is set for the internet must not get what is for this machine either.
    """
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_")):
            del os.environ[name]
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ[name] = os.devnull
    here = "127.0.0.1,localhost"
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), here]))
