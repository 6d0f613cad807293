"""The passphrase secrets manager: secrets in configuration and state are encrypted with it.

Follows https://www.pulumi.com/docs/iac/concepts/secrets/#available-encryption-providers, the
passphrase provider: AES-256-GCM, the key by PBKDF2 from PULUMI_CONFIG_PASSPHRASE and the salt that
is kept in the stack's configuration file. So this engine and the CLI read each other's files.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import EngineError

_ITERATIONS = 1_000_000
_CHECK = "pulumi"


class Crypter:
    """Encrypts and decrypts one stack's secrets.

    The key is only derived when it is needed, for it takes a good part of a second.
    """

    def __init__(self, phrase: str, state: str) -> None:
        """Take the passphrase.

        Args:
            phrase: the passphrase.
            state: the salt and a check value, ``v1:<salt>:v1:<nonce>:<ciphertext>``.

        Raises:
            EngineError: the state is none.
        """
        version, _, rest = state.partition(":")
        salt, _, self._check = rest.partition(":")
        if version != "v1" or not self._check:
            raise EngineError("the encryption salt is malformed")
        self.state = state
        self._phrase = phrase
        self._salt = _decode(salt)

    def encrypt(self, text: str) -> str:
        """Encrypt a text to ``v1:<nonce>:<ciphertext>``.

        Raises:
            EngineError: the passphrase is not the one that the salt was made with.
        """
        return _encrypt(self._key, text)

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt what `encrypt` made.

        Raises:
            EngineError: it was encrypted with another passphrase or salt.
        """
        return _decrypt(self._key, ciphertext)

    def check(self) -> None:
        """Make sure that the passphrase is the right one.

        Raises:
            EngineError: it is not the one that the salt was made with.
        """
        self._key  # noqa: B018

    @functools.cached_property
    def _key(self) -> AESGCM:
        key = AESGCM(_derive(self._phrase, self._salt))
        try:
            good = _decrypt(key, self._check) == _CHECK
        except EngineError:
            good = False
        if not good:
            raise EngineError("incorrect passphrase")
        return key


def _encrypt(key: AESGCM, text: str) -> str:
    nonce = os.urandom(12)
    return f"v1:{_encode(nonce)}:{_encode(key.encrypt(nonce, text.encode(), None))}"


def _decrypt(key: AESGCM, ciphertext: str) -> str:
    version, _, rest = ciphertext.partition(":")
    nonce, _, body = rest.partition(":")
    if version != "v1":
        raise EngineError(f"cannot decrypt a secret of the unknown version {version!r}")
    try:
        return key.decrypt(_decode(nonce), _decode(body), None).decode()
    except (InvalidTag, ValueError):
        raise EngineError("cannot decrypt a secret: incorrect passphrase") from None


def passphrase(env: Mapping[str, str]) -> str:
    """Find the passphrase, as the Pulumi CLI does when nobody can be asked.

    Args:
        env: the environment to look in.

    Raises:
        EngineError: there is none.
    """
    if "PULUMI_CONFIG_PASSPHRASE" in env:
        return env["PULUMI_CONFIG_PASSPHRASE"]
    if env.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            return Path(env["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EngineError(f"cannot read PULUMI_CONFIG_PASSPHRASE_FILE: {error}") from None
    raise EngineError(
        "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or "
        "PULUMI_CONFIG_PASSPHRASE_FILE environment variables"
    )


def new_crypter(phrase: str) -> Crypter:
    """Make a crypter with a new salt."""
    salt = os.urandom(8)
    check = _encrypt(AESGCM(_derive(phrase, salt)), _CHECK)
    return Crypter(phrase, f"v1:{_encode(salt)}:{check}")


# A process that runs a stack several times derives its key once.
@functools.lru_cache(maxsize=256)
def _derive(phrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, _ITERATIONS, 32)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text)
