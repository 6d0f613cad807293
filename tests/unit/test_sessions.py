"""What a client does is what the stack's configuration says, by botocore's own means."""

from __future__ import annotations

import json
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from pulumi_workspaces_pool import sessions
from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.errors import AwsError
from pulumi_workspaces_pool.messages import sentence
from pulumi_workspaces_pool.testing.emulator import EmulatorServer

ROLE = "arn:aws:iam::111122223333:role/deploy"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with credentials and no files."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


def client_of(service: str = "workspaces", **config: Any) -> Any:
    """A client of a stack with a configuration, whose values may be objects."""
    return sessions.of(settings_of(**config), "us-east-1").create_client(service, "us-east-1")


def settings_of(**config: Any) -> Settings:
    """The settings of a configuration, whose values may be objects."""
    values = {
        f"aws:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    return Settings.from_config(values.get, values)


@pytest.mark.parametrize(
    ("service", "config", "attribute", "value"),
    [
        ("workspaces", {}, "endpoint_url", "https://workspaces.us-east-1.amazonaws.com"),
        (
            "workspaces",
            {"useFipsEndpoint": True},
            "endpoint_url",
            "https://workspaces-fips.us-east-1.amazonaws.com",
        ),
        (
            "workspaces",
            {"useDualstackEndpoint": True},
            "endpoint_url",
            "https://workspaces.us-east-1.api.aws",
        ),
        ("sts", {"stsRegion": "eu-west-1"}, "region_name", "eu-west-1"),
        ("workspaces", {"stsRegion": "eu-west-1"}, "region_name", "us-east-1"),
        ("sts", {"endpoints": [{"sts": "http://s:1"}]}, "endpoint_url", "http://s:1"),
        ("workspaces", {"endpoints": {"workspaces": "https://w:2"}}, "endpoint_url", "https://w:2"),
        (
            "workspaces",
            {"userAgents": ["shop/1.0 (desks)"]},
            "config.user_agent_extra",
            "pulumi-workspaces-pool shop/1.0 (desks)",
        ),
    ],
)
def test_a_client_is_made_as_the_stack_says(
    service: str, config: dict[str, Any], attribute: str, value: str
) -> None:
    assert attrgetter(attribute)(client_of(service, **config).meta) == value


def test_the_variables_of_aws_sdks_count_unless_the_stack_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    client = client_of()
    assert "fips" in client.meta.endpoint_url
    assert client.meta.config.retries == {"mode": "standard", "total_max_attempts": 3}
    client = client_of(useFipsEndpoint=False, retryMode="adaptive", maxRetries=5)
    assert "fips" not in client.meta.endpoint_url
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 6}


@pytest.mark.parametrize(
    ("config", "variables", "proxies"),
    [
        ({"httpProxy": "http://p:1"}, {}, {"http": "http://p:1"}),
        ({"httpsProxy": "http://p:1", "noProxy": "amazonaws.com"}, {}, {}),
        ({"httpsProxy": "http://p:1"}, {"NO_PROXY": ".amazonaws.com"}, {}),
        ({"httpsProxy": "http://p:1"}, {"HTTPS_PROXY": "http://e:1"}, {"https": "http://p:1"}),
        ({"noProxy": "elsewhere"}, {"HTTPS_PROXY": "http://e:1"}, {"https": "http://e:1"}),
        ({"noProxy": "*"}, {"HTTPS_PROXY": "http://e:1"}, {}),
        ({}, {"HTTPS_PROXY": "http://e:1"}, None),
    ],
)
def test_proxies_are_those_of_the_stack_before_those_of_the_environment(
    config: dict[str, str],
    variables: dict[str, str],
    proxies: dict[str, str] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert client_of(**config).meta.config.proxies == proxies


def test_certificates_are_verified_against_the_bundle_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    for config, verified in (
        ({"customCaBundle": str(bundle)}, str(bundle)),
        ({"insecure": True}, False),
        ({}, True),
    ):
        assert client_of(**config)._endpoint.http_session._verify == verified


def test_the_token_of_a_web_identity_may_be_in_a_file_that_a_variable_names(
    emulated_aws: EmulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("web-identity-token\n")
    endpoints = [{"sts": emulated_aws.url}]
    web = {"roleArn": ROLE, "webIdentityTokenFile": str(file)}
    settings = settings_of(assumeRoleWithWebIdentity=web, endpoints=endpoints)
    assert Aws(settings, "us-east-1").account == "111122223333"
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(file))
    settings = settings_of(assumeRoleWithWebIdentity={"roleArn": ROLE}, endpoints=endpoints)
    assert Aws(settings, "us-east-1").account == "111122223333"


def test_further_roles_are_assumed_from_that_of_a_web_identity(
    emulated_aws: EmulatorServer,
) -> None:
    settings = settings_of(
        assumeRoleWithWebIdentity={"roleArn": ROLE, "webIdentityToken": "web-identity-token"},
        assumeRoles=[{"roleArn": "arn:aws:iam::444455556666:role/inner"}],
        endpoints=[{"sts": emulated_aws.url}],
    )
    assert Aws(settings, "us-east-1").account == "444455556666"


def test_each_operation_has_one_client_of_one_session(
    aws_here: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Session] = []
    create = Session.create_client

    def count(session: Session, *arguments: Any, **settings: Any) -> Any:
        made.append(session)
        return create(session, *arguments, **settings)

    monkeypatch.setattr(Session, "create_client", count)
    aws = Aws(Settings(), "us-east-1")
    aws.prepare()
    for _ in range(2):
        aws.call("DescribeWorkspacesPools")
        aws.call("DescribeWorkspaceDirectories")
    assert aws.account == aws_here.emulator.calls[0].account
    assert len(made) == 3
    assert len(set(made)) == 1


def sign_in_error(settings: Settings) -> AwsError:
    """The error of a call that is not sent, which the program is not to blame for."""
    with pytest.raises(AwsError) as failed:
        Aws(settings, "us-east-1").call("DescribeWorkspacesPools")
    assert not failed.value.answered
    assert "a fault in" not in sentence(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("process", "code"),
    [
        ("/nonexistent/program", "NotSentError"),
        ("echo no-json", "NotSentError"),
        ("sh -c 'echo secret-on-stderr >&2; exit 1'", "CredentialRetrievalError"),
    ],
)
def test_a_credential_process_that_fails_is_an_error_of_the_sign_in(
    process: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {process}\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    settings = settings_of(sharedConfigFiles=[str(tmp_path / "config")])
    assert sign_in_error(settings).code == code


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL_WORKSPACES", "AWS_MAX_ATTEMPTS", "AWS_PROFILE", "AWS_CA_BUNDLE"]
)
def test_a_variable_that_botocore_cannot_use_is_an_error_of_the_sign_in(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv(variable, "no-such-thing")
    sign_in_error(Settings())


def test_what_answers_for_sts_without_xml_is_not_aws(emulated_aws: EmulatorServer) -> None:
    page = f"{emulated_aws.url}/moto-api/data.json"
    settings = settings_of(assumeRoles=[{"roleArn": ROLE}], endpoints=[{"sts": page}], maxRetries=0)
    with pytest.raises(AwsError) as failed:
        Aws(settings, "us-east-1").call("DescribeWorkspacesPools")
    assert "a fault in" not in sentence(failed.value)


def test_a_session_token_with_a_line_break_is_refused_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token-of-somebody\r")
    error = sign_in_error(Settings())
    assert error.code == "MalformedCredentialsError"
    assert "somebody" not in str(error)
