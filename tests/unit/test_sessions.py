"""What a client does is what the stack's configuration says, by botocore's own means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from pulumi_workspaces_pool import sessions
from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.errors import AwsError, ForbiddenAccountError
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
    ("service", "config", "url"),
    [
        ("workspaces", {}, "https://workspaces.us-east-1.amazonaws.com"),
        (
            "workspaces",
            {"useFipsEndpoint": True},
            "https://workspaces-fips.us-east-1.amazonaws.com",
        ),
        ("workspaces", {"useDualstackEndpoint": True}, "https://workspaces.us-east-1.api.aws"),
        ("sts", {"stsRegion": "eu-west-1"}, "https://sts.eu-west-1.amazonaws.com"),
        ("workspaces", {"stsRegion": "eu-west-1"}, "https://workspaces.us-east-1.amazonaws.com"),
        ("sts", {"endpoints": [{"sts": "http://127.0.0.1:1"}]}, "http://127.0.0.1:1"),
        ("workspaces", {"endpoints": {"workspaces": "https://w:2"}}, "https://w:2"),
    ],
)
def test_the_endpoint_is_the_configured_one(service: str, config: dict[str, Any], url: str) -> None:
    assert client_of(service, **config).meta.endpoint_url == url


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


def test_the_product_is_named_to_aws() -> None:
    agents = client_of(userAgents=["shop/1.0 (desks)"]).meta.config.user_agent_extra
    assert agents == "pulumi-workspaces-pool shop/1.0 (desks)"


@pytest.mark.parametrize(
    ("config", "variables", "proxies"),
    [
        ({"httpsProxy": "http://p:1"}, {}, {"https": "http://p:1"}),
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
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    verified: list[Any] = []
    make = URLLib3Session.__init__

    def keep(session: URLLib3Session, verify: Any = True, **given: Any) -> None:
        verified.append(verify)
        make(session, verify=verify, **given)

    monkeypatch.setattr(URLLib3Session, "__init__", keep)
    for config, expected in (
        ({"customCaBundle": str(bundle)}, str(bundle)),
        ({"insecure": True}, False),
        ({}, True),
    ):
        client_of(**config)
        assert verified[-1] == expected, "the last session is the client's"


def test_the_shared_files_of_the_stack_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (tmp_path / "config").write_text("[profile shop]\nregion = eu-west-3\nmax_attempts = 4\n")
    (tmp_path / "credentials").write_text(
        "[shop]\naws_access_key_id = shop-key\naws_secret_access_key = shop-secret\n"
    )
    settings = settings_of(
        profile="shop",
        sharedConfigFiles=[str(tmp_path / "config")],
        sharedCredentialsFiles=[str(tmp_path / "credentials")],
    )
    session = sessions.of(settings, "us-east-1")
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "shop-key"
    assert session.get_config_variable("region") == "eu-west-3"
    client: Any = session.create_client("sts", "us-east-1")
    assert client.meta.config.retries["total_max_attempts"] == 4


def test_the_metadata_service_is_asked_where_and_unless_the_stack_says_so() -> None:
    settings = settings_of(
        ec2MetadataServiceEndpoint="http://127.0.0.1:1", ec2MetadataServiceEndpointMode="IPv6"
    )
    session = sessions.of(settings, "us-east-1")
    assert session.get_config_variable("ec2_metadata_service_endpoint") == "http://127.0.0.1:1"
    assert session.get_config_variable("ec2_metadata_service_endpoint_mode") == "IPv6"
    assert "iam-role" in _providers(session)
    assert "iam-role" not in _providers(sessions.of(settings_of(skipMetadataApiCheck=True), "a"))


@pytest.mark.parametrize("given", ["token", "file", "environment"])
def test_a_web_identity_is_exchanged_for_a_role_and_further_roles_assumed_from_it(
    given: str,
    emulated_aws: EmulatorServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "token"
    file.write_text("web-identity-token\n")
    web = {"roleArn": ROLE, "sessionName": "pools", "duration": "1h"}
    if given == "token":
        web["webIdentityToken"] = "web-identity-token"
    elif given == "file":
        web["webIdentityTokenFile"] = str(file)
    else:
        monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(file))
    endpoint = [{"sts": emulated_aws.url, "workspaces": emulated_aws.url}]
    settings = settings_of(assumeRoleWithWebIdentity=web, endpoints=endpoint)
    assert Aws(settings, "us-east-1").account == "111122223333"
    inner = [{"roleArn": "arn:aws:iam::444455556666:role/inner"}]
    settings = settings_of(assumeRoleWithWebIdentity=web, assumeRoles=inner, endpoints=endpoint)
    assert Aws(settings, "us-east-1").account == "444455556666"


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ({"allowedAccountIds": ["123456789012", "1"]}, None),
        ({"allowedAccountIds": ["111122223333"]}, "aws:allowedAccountIds"),
        ({"forbiddenAccountIds": ["111122223333"]}, None),
        ({"forbiddenAccountIds": ["123456789012"]}, "aws:forbiddenAccountIds"),
    ],
)
def test_an_account_that_the_stack_does_not_allow_is_refused(
    config: dict[str, Any], refused: str | None, emulated_aws: EmulatorServer
) -> None:
    settings = settings_of(endpoints=[{"sts": emulated_aws.url}], **config)
    aws = Aws(settings, "us-east-1")
    if refused is None:
        aws.refuse_account()
        return
    with pytest.raises(ForbiddenAccountError) as error:
        aws.refuse_account()
    assert error.value.data["key"] == refused
    assert error.value.data["account"] == "123456789012"


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
    with pytest.raises(AwsError) as failed:
        Aws(settings, "us-east-1").call("DescribeWorkspacesPools")
    assert (failed.value.code, failed.value.answered) == (code, False)


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL_WORKSPACES", "AWS_MAX_ATTEMPTS", "AWS_PROFILE", "AWS_CA_BUNDLE"]
)
def test_a_variable_that_botocore_cannot_use_is_an_error_of_the_sign_in(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv(variable, "no-such-thing")
    with pytest.raises(AwsError) as failed:
        Aws(Settings(), "us-east-1").call("DescribeWorkspacesPools")
    assert not failed.value.answered
    assert "a fault in" not in sentence(failed.value)


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
    with pytest.raises(AwsError) as failed:
        Aws(Settings(), "us-east-1").call("DescribeWorkspacesPools")
    assert failed.value.code == "MalformedCredentialsError"
    assert "somebody" not in str(failed.value)


def _providers(session: sessions.AwsSession) -> list[str]:
    return [provider.METHOD for provider in session.get_component("credential_provider").providers]
