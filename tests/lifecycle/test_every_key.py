"""Each key of pulumi_aws, on the CLI: it has its effect on what reaches AWS, or is refused."""

from __future__ import annotations

import importlib.util
import io
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.serving import make_ssl_devcert
from werkzeug.wrappers import Request

from pulumi_workspaces_pool.keys import KEYS
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.outcomes import CliStack, Outcome
from support.world import PRELUDE

_PACKAGE = importlib.util.find_spec("pulumi_aws")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
_VARS = Path(_PACKAGE.origin).parent / "config" / "vars.py"
KEYS_OF_PULUMI_AWS = re.findall(r"__config__\.get\w*\('(\w+)'\)", _VARS.read_text("utf-8"))

ACCOUNT, OTHER = "123456789012", "111122223333"
ROLE = f"arn:aws:iam::{OTHER}:role/deploy"
NOWHERE = "http://127.0.0.1:9"
ELSEWHERE = "http://pools.invalid"
# Nothing says who this is but the configuration.
NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
# AWS's own endpoints, on the way to which is the emulator as a proxy.
OUTSIDE = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_MAX_ATTEMPTS": "1"}


def scope_of(request: Request) -> list[str]:
    """Whose signature a request has: access key, day, region and service."""
    given = request.authorization
    return str(given.get("Credential")).split("/")[:4] if given else ["", "", "", ""]


def is_signed_with(request: Request, secret_key: str) -> bool:
    """Whether a request's signature was made with a secret key."""
    given = request.authorization
    assert given is not None
    signed = {name: request.headers[name] for name in str(given.get("SignedHeaders")).split(";")}
    again = AWSRequest("POST", f"http://{signed['host']}/", signed, request.get_data())
    again.context["timestamp"] = signed["x-amz-date"]
    key, _day, region, service = scope_of(request)
    signer = SigV4Auth(Credentials(key, secret_key), service, region)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    return given.get("Signature") == signer.signature(text, again)


class RecordingServer(EmulatorServer):
    """The emulator, which keeps what it was sent, as a proxy also what was meant for others."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self._tls = tls

    def start(self) -> None:
        super().start()
        if self._tls is not None and self._server is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        return super().url if self._tls is None else f"https://localhost:{self._port}"

    def _application(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        self.requests.append(request)
        return super()._application(environ, start_response)


@dataclass
class Site:
    """What a case may name in its configuration, and what came of it.

    Attributes:
        folder: a folder for files.
        aws: the emulator, which records.
        tls: another one, at an address with TLS.
        certificate: the file of its certificate.
    """

    folder: Path
    aws: RecordingServer
    tls: RecordingServer
    certificate: Path
    outcome: Outcome = field(default_factory=lambda: Outcome(True, ""))

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def requests(self, service: str = "workspaces") -> list[Request]:
        """What the emulator was sent for a service."""
        return [request for request in self.aws.requests if scope_of(request)[3] == service]


@dataclass(frozen=True)
class Case:
    """A key with a value, and the effect that it has.

    Attributes:
        value: the key's value.
        seen: whether the effect is there.
        fails: whether the operation fails.
        others: other keys that it needs.
        environment: variables beside or in place of the emulator's.
        declares: whether the program declares a pool, rather than looking at one.
        operation: what is run.
    """

    value: Any
    seen: Callable[[Site], object]
    fails: bool = False
    others: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    declares: bool = False
    operation: str = "preview"


def _profile(site: Site) -> dict[str, str]:
    return {
        "AWS_SHARED_CREDENTIALS_FILE": site.file(
            "credentials", "[shop]\naws_access_key_id = SHOPKEY\naws_secret_access_key = s\n"
        ),
        "AWS_CONFIG_FILE": site.file(
            "config", "[profile shop]\nregion = eu-west-3\nmax_attempts = 4\n"
        ),
        "AWS_REGION": "",
        "AWS_DEFAULT_REGION": "",
        **NOBODY,
    }


def _signed_by(key: str) -> Callable[[Site], bool]:
    return lambda site: {scope_of(request)[0] for request in site.requests()} == {key}


def _in_region(region: str, service: str = "workspaces") -> Callable[[Site], bool]:
    return lambda site: {scope_of(request)[2] for request in site.requests(service)} == {region}


def _asked_for(part: str) -> Callable[[Site], bool]:
    """A URL with a part reached the emulator, which may have been the proxy on the way."""
    return lambda site: any(part in request.environ["REQUEST_URI"] for request in site.aws.requests)


def _through(site: Site) -> dict[str, str]:
    """Let the emulator be the proxy for everything that is not on this machine."""
    return {**OUTSIDE, "HTTP_PROXY": site.aws.url, "HTTPS_PROXY": site.aws.url}


def _with_header(name: str, part: str) -> Callable[[Site], bool]:
    return lambda site: part in site.requests()[0].headers[name]


def _with_role(**parameters: str) -> Callable[[Site], bool]:
    """A role was assumed with these parameters, and its account reached."""

    def seen(site: Site) -> bool:
        asked = [parse_qs(request.get_data(as_text=True)) for request in site.aws.requests]
        wanted = {name: [value] for name, value in parameters.items()}.items()
        accounts = {call.account for call in site.aws.emulator.calls}
        return accounts == {OTHER} and any(wanted <= query.items() for query in asked)

    return seen


def _said(text: str) -> Callable[[Site], bool]:
    """A person reads a text, and no call was made that could change something."""
    return lambda site: text in site.outcome.text and not site.aws.emulator.writes()


def _said_alone(text: str) -> Callable[[Site], bool]:
    """A person reads a text, and nothing was sent."""
    return lambda site: text in site.outcome.text and not site.aws.requests


def _refused(key: str) -> Callable[[Site], bool]:
    return _said_alone(
        f"The configuration key aws:{key} cannot be honoured for pools: {KEYS[key].note}"
    )


def _reached_over_tls(site: Site) -> object:
    return site.tls.requests


def _reached(site: Site) -> object:
    return site.requests()


UP: dict[str, Any] = {"declares": True, "operation": "up"}
KEY = {"accessKey": "GIVENKEY", "secretKey": "given-secret"}
OWN = {**KEY, "token": "given-token"}
WEB_ROLE = {"roleArn": ROLE, "webIdentityToken": "web-identity", "duration": "1h"}
ASSUMED = {"roleArn": ROLE, "externalId": 815, "duration": "1.5h", "sessionName": "pools"}
ELSEWHERE_ENDPOINTS = {"endpoints": [{"workspaces": ELSEWHERE, "sts": ELSEWHERE}]}
ON_EC2 = {**NOBODY, "AWS_EC2_METADATA_DISABLED": ""}
ACCOUNTS = {"allowedAccountIds": [ACCOUNT, 1], "forbiddenAccountIds": [OTHER]}

# The pool that is looked at is in one account and region: where another is reached, that fails.
CASES: dict[str, Callable[[Site], Case]] = {
    "accessKey": lambda _: Case(
        KEY["accessKey"], _signed_by("GIVENKEY"), others=KEY, environment=NOBODY
    ),
    "secretKey": lambda _: Case(
        KEY["secretKey"],
        lambda site: all(is_signed_with(request, "given-secret") for request in site.requests()),
        others=KEY,
    ),
    "token": lambda _: Case(
        OWN["token"], _with_header("x-amz-security-token", "given-token"), others=OWN
    ),
    "profile": lambda site: Case(
        "shop", _signed_by("SHOPKEY"), fails=True, environment=_profile(site)
    ),
    "sharedCredentialsFiles": lambda site: Case(
        [_profile(site)["AWS_SHARED_CREDENTIALS_FILE"]],
        _signed_by("SHOPKEY"),
        others={"profile": "shop"},
        environment=NOBODY,
    ),
    "sharedConfigFiles": lambda site: Case(
        [_profile(site)["AWS_CONFIG_FILE"]],
        lambda site: (
            _in_region("eu-west-3")(site) and _with_header("amz-sdk-request", "max=4")(site)
        ),
        fails=True,
        others={"profile": "shop"},
        environment={**_profile(site), "AWS_CONFIG_FILE": "/nonexistent"},
    ),
    "region": lambda _: Case("eu-central-1", _in_region("eu-central-1"), fails=True),
    "stsRegion": lambda _: Case(
        "eu-west-1", _in_region("eu-west-1", "sts"), fails=True, others={"assumeRoles": [ASSUMED]}
    ),
    "assumeRoles": lambda _: Case(
        [ASSUMED],
        _with_role(DurationSeconds="5400", ExternalId="815", RoleSessionName="pools"),
        fails=True,
    ),
    "assumeRoleWithWebIdentity": lambda _: Case(
        WEB_ROLE,
        _with_role(DurationSeconds="3600", WebIdentityToken="web-identity"),
        fails=True,
        environment=NOBODY,
    ),
    "allowedAccountIds": lambda _: Case(
        [OTHER], _said(f"{ACCOUNT}, which aws:allowedAccountIds does not"), fails=True, **UP
    ),
    "forbiddenAccountIds": lambda _: Case(
        [ACCOUNT], _said(f"{ACCOUNT}, which aws:forbiddenAccountIds names"), fails=True, **UP
    ),
    "endpoints": lambda site: Case(
        [{"workspaces": site.aws.url}], _reached, environment={"AWS_ENDPOINT_URL": NOWHERE}
    ),
    "customCaBundle": lambda site: Case(
        str(site.certificate),
        _reached_over_tls,
        fails=True,
        environment={"AWS_ENDPOINT_URL": site.tls.url},
    ),
    "insecure": lambda site: Case(
        True, _reached_over_tls, fails=True, environment={"AWS_ENDPOINT_URL": site.tls.url}
    ),
    "httpProxy": lambda site: Case(
        site.aws.url, _asked_for("http://pools.invalid/"), others=ELSEWHERE_ENDPOINTS
    ),
    "httpsProxy": lambda site: Case(
        site.aws.url,
        _asked_for("workspaces.us-east-1.amazonaws.com:443"),
        fails=True,
        environment=OUTSIDE,
    ),
    "noProxy": lambda site: Case(
        "pools.invalid",
        _said_alone("could not be reached"),
        fails=True,
        others={**ELSEWHERE_ENDPOINTS, "httpProxy": site.aws.url, "maxRetries": 0},
    ),
    "useFipsEndpoint": lambda site: Case(
        True,
        _asked_for("workspaces-fips.us-east-1.amazonaws.com"),
        fails=True,
        environment=_through(site),
    ),
    "useDualstackEndpoint": lambda site: Case(
        True,
        _asked_for("workspaces.us-east-1.api.aws"),
        fails=True,
        environment=_through(site),
    ),
    "maxRetries": lambda _: Case(3, _with_header("amz-sdk-request", "max=4")),
    "retryMode": lambda _: Case("standard", _with_header("user-agent", "cfg/retry-mode#standard")),
    "userAgents": lambda _: Case(
        ["shop/1.0 (desks)"], _with_header("user-agent", "pulumi-workspaces-pool shop/1.0 (desks)")
    ),
    "ec2MetadataServiceEndpoint": lambda site: Case(
        f"{site.aws.url}/here",
        _asked_for("/here/latest/api/token"),
        fails=True,
        environment=ON_EC2,
    ),
    "ec2MetadataServiceEndpointMode": lambda site: Case(
        "IPv6",
        _asked_for("http://[fd00:ec2::254]/latest/api/token"),
        environment={**ON_EC2, "HTTP_PROXY": site.aws.url},
    ),
    "skipMetadataApiCheck": lambda site: Case(
        True,
        _said_alone("no AWS credentials were found"),
        fails=True,
        environment={**ON_EC2, "HTTP_PROXY": site.aws.url},
    ),
    "skipRegionValidation": lambda _: Case(
        True, lambda _: True, others={"region": "us-esat-1"}, declares=True
    ),
    "skipRequestingAccountId": lambda _: Case(
        True, lambda site: not site.requests("sts"), operation="refresh", declares=True
    ),
    "defaultTags": lambda _: Case(
        {"tags": {"CostCentre": 815}},
        lambda site: site.aws.emulator.pool("desks")["Tags"] == {"CostCentre": "815"},
        others=ACCOUNTS,
        **UP,
    ),
    "ignoreTags": lambda _: Case(
        {"keys": ["Scanner"], "keyPrefixes": ["kubernetes.io/"]},
        lambda site: (
            "Team" in site.outcome.text
            and "Scanner" not in site.outcome.text
            and "kubernetes" not in site.outcome.text
        ),
    ),
    "s3UsEast1RegionalEndpoint": lambda _: Case("regional", _reached),
    "s3UsePathStyle": lambda _: Case(True, _reached),
    "skipCredentialsValidation": lambda _: Case(True, _reached),
    "tagPolicyCompliance": lambda _: Case("error", _refused("tagPolicyCompliance"), fails=True),
    "tokenBucketRateLimiterCapacity": lambda _: Case(
        9, _refused("tokenBucketRateLimiterCapacity"), fails=True
    ),
}


LOOKS = """
looked = WorkspacesPool.get("looked", "{}")
pulumi.export("tags", looked.tags)
"""
DECLARES = """
pool("desks", pool_name="desks")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The emulator for all keys, and the same with a certificate that nobody knows."""
    folder = tmp_path_factory.mktemp("site")
    certificate, key = make_ssl_devcert(str(folder / "localhost"), host="localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    aws, tls = RecordingServer(), RecordingServer(context)
    with aws, tls:
        yield Site(folder, aws, tls, Path(certificate))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> CliStack:
    """One stack for all keys: a preview leaves nothing behind."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "Pulumi.yaml").write_text("name: keys\nruntime: python\n")
    (folder / "__main__.py").write_text("")
    return CliStack(StackUnderTest(folder, state=tmp_path_factory.mktemp("state")))


def configure(stack: CliStack, values: dict[str, Any]) -> None:
    """Set the stack's configuration as `pulumi config set --path` would, all at once."""
    file = stack.folder / "Pulumi.test.yaml"
    settings = yaml.safe_load(file.read_text()) if file.exists() else {}
    config = {f"aws:{key}": value for key, value in values.items()}
    file.write_text(yaml.safe_dump({**settings, "config": config}))


def test_each_key_of_pulumi_aws_has_a_case() -> None:
    assert len(KEYS_OF_PULUMI_AWS) > 30
    assert sorted(CASES) == sorted(KEYS) == sorted(KEYS_OF_PULUMI_AWS)


@pytest.mark.needs_cli
@pytest.mark.parametrize("key", KEYS_OF_PULUMI_AWS)
def test_a_key_has_its_effect_or_is_refused_by_name(
    stack: CliStack, site: Site, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    emulator = site.aws.emulator
    emulator.reset()
    tags = {"Team": "design", "Scanner": "1", "kubernetes.io/pool": "x"}
    looked = emulator.add_pool("theirs", Tags=tags)
    case = CASES[key](site)
    program = DECLARES if case.declares else LOOKS.format(looked)
    (stack.folder / "__main__.py").write_text(PRELUDE + program)
    configure(stack, {**case.others, key: case.value})
    workspace = stack.stack.workspace
    variables = {**workspace.env_vars, **site.aws.environment(), **case.environment}
    monkeypatch.setattr(workspace, "env_vars", variables)
    if case.operation == "refresh":
        stack.up().expect()
        emulator.remove("desks")
    for server in (site.aws, site.tls):
        server.requests.clear()
    emulator.clear_calls()

    site.outcome = getattr(stack, case.operation)()
    assert site.outcome.ok != case.fails, site.outcome.text
    assert case.seen(site), (site.outcome.text, site.aws.requests)
    assert "Traceback" not in site.outcome.text
    if case.operation == "up" and site.outcome.ok:
        stack.destroy().expect()
