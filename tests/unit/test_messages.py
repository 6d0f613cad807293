"""Messages: what AWS said becomes what to do, and no credential gets through."""

from __future__ import annotations

import ast
import base64
import json
import re
import string
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from pulumi_workspaces_pool import messages, redaction
from pulumi_workspaces_pool.errors import AwsError

POOL = 'The pool "desks" (wspool-1a2b3c4d5)'
CALLS = [
    node
    for file in Path(messages.__file__).parent.glob("*.py")
    for node in ast.walk(ast.parse(file.read_text("utf-8")))
    if isinstance(node, ast.Call)
]


@pytest.mark.parametrize(
    ("operation", "detail", "action"),
    [
        (
            "CreateWorkspacesPool",
            "User: a is not authorized to perform: workspaces:CreateWorkspacesPool on resource: *",
            "workspaces:CreateWorkspacesPool",
        ),
        ("CreateTags", "Access denied", "workspaces:CreateTags"),
        ("AssumeRole", "", "sts:AssumeRole"),
        ("AssumeRoleWithWebIdentity", "", "sts:AssumeRoleWithWebIdentity"),
    ],
)
def test_a_denied_call_names_the_missing_action(operation: str, detail: str, action: str) -> None:
    error = AwsError(operation, "AccessDeniedException", detail)
    said = f" ({detail})" if detail else ""
    assert messages.explain(error, POOL, "created") == (
        f"{POOL} could not be created: AWS denied the action {action}{said}; add {action} to the "
        "IAM policy of whoever runs this, then run again."
    )


# Operation, error code, and what to do. The same code may mean something else of another operation.
ADVICE = [
    ("CreateWorkspacesPool", "ResourceNotFoundException", "check that the bundle and"),
    ("CreateTags", "ResourceNotFoundException", "run `pulumi refresh` to see whether"),
    ("CreateWorkspacesPool", "ResourceLimitExceededException", "ask for a higher quota"),
    ("CreateTags", "ResourceLimitExceededException", "take tags away"),
    ("UpdateWorkspacesPool", "ThrottlingException", "with a lower --parallel"),
    ("AssumeRole", "ExpiredTokenException", "sign in again"),
    ("AssumeRoleWithWebIdentity", "ExpiredTokenException", "get a new web identity token"),
    ("AssumeRole", "ValidationError", "correct what aws:assumeRoles"),
    ("DescribeTags", "EndpointConnectionError", "check the network, the region and aws:endpoints"),
    ("DescribeTags", "ProxyConnectionError", "check aws:httpProxy"),
    ("DescribeTags", "SSLError", "check aws:customCaBundle"),
    ("DescribeTags", "NoCredentialsError", "sign in to AWS"),
    ("UpdateWorkspacesPool", "SomethingNewException", "see what AWS says and run again"),
]


@pytest.mark.parametrize(("operation", "code", "advice"), ADVICE)
def test_a_failure_says_what_to_do(operation: str, code: str, advice: str) -> None:
    said = messages.explain(AwsError(operation, code, "It says so."), POOL, "updated")
    assert said.startswith(f"{POOL} could not be updated: ")
    assert advice in said
    assert said.endswith(".")


FAULTS_OF_AWS = ["500", "502", "503", "504", "InternalFailure", "InternalServerError"]


@pytest.mark.parametrize("code", FAULTS_OF_AWS)
def test_a_fault_of_aws_is_called_one_and_its_code_and_words_are_quoted(code: str) -> None:
    said = messages.explain(AwsError("DescribeTags", code, "It says so."), POOL, "read")
    assert said == (
        f"{POOL} could not be read: AWS answered DescribeTags with {code} (It says so); "
        "run again: AWS had a fault of its own."
    )


def test_what_no_permission_would_allow_is_not_called_a_missing_permission() -> None:
    closed = "Closed to new customers as of 7/30/2026"
    error = AwsError("CreateWorkspacesPool", "AccessDeniedException", closed)
    said = messages.explain(error, POOL, "created")
    assert closed in said
    assert "IAM policy" not in said


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("ProfileNotFound", "(It says so); set aws:profile or AWS_PROFILE to a profile"),
        ("NotSentError", "(It says so); check aws:profile and the files"),
        ("NoCredentialsError", "no AWS credentials were found; sign in to AWS"),
        ("MalformedCredentialsError", "no request can hold; take it out of"),
        ("CredentialRetrievalError", "run the profile's credential_process by hand"),
    ],
)
def test_what_was_never_sent_is_no_answer_of_aws(code: str, advice: str) -> None:
    error = AwsError("the sign-in to AWS", code, "It says so", answered=False)
    said = messages.explain(error, POOL, "read")
    assert advice in said
    assert "AWS answered" not in said
    assert "see what AWS says" not in said


@pytest.mark.parametrize("code", ["CredentialRetrievalError", "SignatureDoesNotMatch"])
def test_what_may_quote_a_secret_is_not_passed_on(code: str) -> None:
    error = AwsError("CreateWorkspacesPool", code, "x-amz-security-token:IQoJb3JpZ2lu")
    assert "IQoJb3JpZ2lu" not in messages.explain(error, POOL, "created")


def test_credentials_are_concealed_wherever_they_turn_up() -> None:
    redaction.conceal("a-secret-key-of-somebody")
    text = redaction.redact("key a-secret-key-of-somebody and AKIAIOSFODNN7EXAMPLE")
    assert text == "key [concealed] and [concealed]"


@pytest.mark.parametrize(
    "quoted",
    [
        lambda secret: secret,
        repr,
        lambda secret: repr(secret.encode()),
        json.dumps,
        quote,
        lambda secret: quote(secret, safe=""),
        quote_plus,
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
        lambda secret: secret.splitlines()[0],
    ],
)
def test_a_credential_is_concealed_however_it_is_quoted(quoted: Callable[[str], str]) -> None:
    secret = "first/line+of a\u00e9\ttoken??>>~\r\nsecond line of it"  # noqa: S105
    redaction.conceal(secret)
    text = redaction.redact(f"<{quoted(secret)}>")
    assert text.strip("=<>'b\"") in ("[concealed]", "[concealed]==", "[concealed]=")


def test_the_password_of_an_endpoint_is_concealed() -> None:
    text = redaction.redact('Could not connect to "https://me:pw@host:1/path"')
    assert text == 'Could not connect to "https://[concealed]@host:1/path"'


def test_a_pools_own_errors_come_with_code_text_and_advice() -> None:
    assert messages.explain_pool_errors(
        [
            {"ErrorCode": "IMAGE_NOT_FOUND", "ErrorMessage": "No image."},
            {"ErrorCode": "SOMETHING_NEW", "ErrorMessage": "Whatever"},
        ]
    ) == (
        "IMAGE_NOT_FOUND (No image): choose a bundle whose image exists; SOMETHING_NEW (Whatever)"
    )


@pytest.mark.parametrize("kind", messages._SENTENCES, ids=lambda kind: kind.__name__)
def test_a_failure_is_raised_with_all_that_its_sentence_names(kind: type[Exception]) -> None:
    made_of = {word: known for known, (word, _show) in messages._SHOWN.items()}
    made_of |= {"pool": "label", "start": "pool", "explained": "cause"}
    fields = [field for _, field, _, _ in string.Formatter().parse(messages._SENTENCES[kind])]
    words = {re.split("[.[]", field)[0] for field in fields if field} - {"subject"}
    raised = [call for call in CALLS if ast.unparse(call.func).split(".")[-1] == kind.__name__]
    assert raised or not words
    for call in raised:
        known = {*getattr(kind, "__dataclass_fields__", ()), *(each.arg for each in call.keywords)}
        known |= {"label"} if call.args else set()
        known |= {"label", "state", "pool_errors"} if "pool" in known else set()
        assert {made_of.get(word, word) for word in words} <= known, ast.unparse(call)
