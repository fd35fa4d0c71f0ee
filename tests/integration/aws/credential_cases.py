"""Ways to hold AWS credentials that fail: the files and variables, and what the line of the report must say."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.integration.aws.credential_endpoint import Replies

SECRET = "hunter2Secret"
"""Stands wherever a program, an endpoint or an argument can have a secret. No output may have it."""

STATIC = "aws_access_key_id = AKIAEXAMPLE000000000\naws_secret_access_key = x\n"
ROLE = "role_arn = arn:aws:iam::444455556666:role/reader\n"
SSO = "sso_account_id = 111122223333\nsso_role_name = reader\n"
START = "sso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"
LEGACY = f"[profile sso]\n{SSO}{START}"
SESSION = f"[profile sso]\n{SSO}sso_session = corp\n[sso-session corp]\n{START}"
LOGIN = "aws sso login --profile sso"
VALID, PAST = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
STS_ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>No.</Message></Error></ErrorResponse>"


def sso_token(key: str, expires: str) -> dict[str, str]:
    """Return the file of a login to SSO, which botocore finds by the hash of the start URL or the session's name."""
    name = hashlib.sha1(key.encode()).hexdigest()  # noqa: S324 - botocore's choice
    return {f".aws/sso/cache/{name}.json": json.dumps({"accessToken": SECRET, "expiresAt": expires})}


def keys(expires: str, **more: object) -> str:
    """Return credentials as a program or a container's endpoint gives them."""
    values = {"AccessKeyId": "ASIAEXAMPLE000000000", "SecretAccessKey": SECRET, "SessionToken": SECRET, "Token": SECRET}
    return json.dumps({**values, "Expiration": expires, "Version": 1, **more})


@dataclass(frozen=True, slots=True)
class CredentialCase:
    """One way that fails."""

    expected: tuple[str, ...]
    """Parts of the line: reason, provider, profile, cause, remedy. `HOME` stands for the home directory."""
    config: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    """Further files in the home directory. Those named `*.sh` can be executed."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """`HOME` and `ENDPOINT` in a value stand for the home directory and the address of the endpoint."""
    replies: Replies = field(default_factory=dict)

    @property
    def all_files(self) -> Mapping[str, str]:
        return {".aws/config": self.config, **self.files}


def script(text: str) -> dict[str, str]:
    return {"keys.sh": f"#!/bin/sh\n{text}\n"}


def process(text: str, *expected: str, arguments: str = "") -> CredentialCase:
    config = f"[profile p]\ncredential_process = HOME/keys.sh{arguments}\n"
    remedy = f"run the command in a terminal to see why: HOME/keys.sh{' …' if arguments else ''} (credential_process in"
    line = ("credential_process, profile p: ", remedy, *(expected or ("(no credentials)",)))
    return CredentialCase(line, config, script(text), {"AWS_PROFILE": "p"})


def role(settings: str, *expected: str, profile: str = "role", more: str = "") -> CredentialCase:
    line = (f"role, profile {profile}: ", *expected)
    return CredentialCase(line, f"[profile role]\n{ROLE}{settings}{more}", {}, {"AWS_PROFILE": "role"})


def container(*expected: str, replies: Replies | None = None, **environment: str) -> CredentialCase:
    variables = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "ENDPOINT/keys"} | environment
    return CredentialCase(("container credentials: ", *expected), environment=variables, replies=replies or {})


def metadata(*expected: str, replies: Replies | None = None) -> CredentialCase:
    variables = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "ENDPOINT"}
    return CredentialCase(expected, environment=variables, replies=replies or {})


WEB = f"[profile web]\n{ROLE}web_identity_token_file = HOME/token\n"
WEB_PROFILE = {"AWS_PROFILE": "web"}
SSO_PROFILE = {"AWS_PROFILE": "sso"}
NO_KEYS = "set AWS_PROFILE or keys, or attach a role"
CORRECT = "in HOME/.aws/config or HOME/.aws/credentials"
IMDS_KEYS = "GET /latest/meta-data/iam/security-credentials/reader"
IMDS_ROLE = {"PUT /": (200, "token"), IMDS_KEYS: (200, SECRET), "GET /latest": (200, "reader")}

CASES = {
    "nothing": CredentialCase(("(no credentials); neither the environment nor profile default has any", NO_KEYS)),
    "profile-missing": CredentialCase(
        ("AWS configuration, profile nobody: ", "set AWS_PROFILE to a profile"), environment={"AWS_PROFILE": "nobody"}
    ),
    "profile-empty": CredentialCase(
        ("neither the environment nor profile p has any", NO_KEYS), "[profile p]\n", {}, {"AWS_PROFILE": "p"}
    ),
    "config-malformed": CredentialCase(("AWS configuration, profile default: ", "HOME/.aws/config"), f"{SECRET}\n[x"),
    "config-value": CredentialCase(
        ("AWS configuration, profile default: ", CORRECT), environment={"AWS_METADATA_SERVICE_TIMEOUT": "soon"}
    ),
    "env-partial": CredentialCase(
        ("environment variables: ", "set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID"),
        environment={"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000000"},
    ),
    "env-expired": CredentialCase(
        ("(credentials expired); environment variables: the credentials have expired", "renew AWS_ACCESS_KEY_ID"),
        environment={
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE000000000",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_CREDENTIAL_EXPIRATION": PAST,
        },
    ),
    "env-malformed-expiration": CredentialCase(
        ("environment variables: ", "AWS_CREDENTIAL_EXPIRATION"),
        environment={
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE000000000",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_CREDENTIAL_EXPIRATION": "soon",
        },
    ),
    "file-partial": CredentialCase(
        ("credentials file, profile default: ", "aws_secret_access_key", f"correct profile default {CORRECT}"),
        files={".aws/credentials": "[default]\naws_access_key_id = AKIAEXAMPLE000000000\n"},
    ),
    "file-malformed": CredentialCase(("HOME/.aws/credentials",), files={".aws/credentials": f"{SECRET}\n"}),
    "config-partial": CredentialCase(
        ("configuration file, profile default: ", f"correct profile default {CORRECT}"),
        "[default]\naws_access_key_id = AKIAEXAMPLE000000000\n",
    ),
    "ec2-file-missing": CredentialCase(
        ("AWS_CREDENTIAL_FILE: ", "HOME/nothing", "correct or unset AWS_CREDENTIAL_FILE"),
        environment={"AWS_CREDENTIAL_FILE": "HOME/nothing"},
    ),
    "boto2-partial": CredentialCase(
        ("Boto 2 configuration: ", "BOTO_CONFIG"),
        files={"boto.cfg": "[Credentials]\naws_access_key_id = AKIAEXAMPLE000000000\n"},
        environment={"BOTO_CONFIG": "HOME/boto.cfg"},
    ),
    "role-without-source": role("", "source_profile or credential_source", f"correct profile role {CORRECT}"),
    "role-with-two-sources": role(
        "source_profile = a\ncredential_source = Environment\n", "contains both", f"correct profile role {CORRECT}"
    ),
    "role-source-missing": role("source_profile = gone\n", '"gone"', f"correct profile role {CORRECT}"),
    "role-source-empty": role(
        "source_profile = a\n", '"a" must have credentials', f"correct profile role {CORRECT}", more="[profile a]\n"
    ),
    "role-source-partial": CredentialCase(
        ("configuration file, profile a: ", "aws_secret_access_key", f"correct profile a {CORRECT}"),
        f"[profile role]\n{ROLE}source_profile = a\n[profile a]\naws_access_key_id = AKIAEXAMPLE000000000\n",
        environment={"AWS_PROFILE": "role"},
    ),
    "role-loop": role(
        "source_profile = a\n",
        "Infinite loop",
        f"correct profile role {CORRECT}",
        more=f"[profile a]\n{ROLE}source_profile = role\n",
    ),
    "role-unknown-source": role("credential_source = Moon\n", "Moon", f"correct profile role {CORRECT}"),
    "role-source-without-keys": role(
        "credential_source = Environment\n",
        "check that arn:aws:iam::444455556666:role/reader is a role's ARN, and that Environment has credentials",
    ),
    "role-mfa": role(
        "source_profile = a\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
        "needs an MFA code",
        'run eval "$(aws configure export-credentials --profile role --format env)"',
        more=f"[profile a]\n{STATIC}",
    ),
    "role-of-a-role-mfa": role(
        "source_profile = b\n",
        "needs an MFA code",
        "--profile role",
        more=f"[profile b]\n{ROLE}source_profile = a\nmfa_serial = GAHT12345678\n[profile a]\n{STATIC}",
    ),
    "role-name-too-short": CredentialCase(
        ("role, profile role: ", "RoleArn"),
        f"[profile role]\nrole_arn = arn\nsource_profile = a\n[profile a]\n{STATIC}",
        environment={"AWS_PROFILE": "role"},
    ),
    "role-refused": CredentialCase(
        ("role, profile role: AccessDenied: No.", "arn:aws:iam::444455556666:role/reader trusts the credentials of a"),
        f"[profile role]\n{ROLE}source_profile = a\n[profile a]\n{STATIC}",
        environment={"AWS_PROFILE": "role"},
        replies={"POST /": (403, STS_ERROR.format("AccessDenied"))},
    ),
    "role-source-refused": CredentialCase(
        ("(credentials refused); role, profile role: InvalidClientTokenId",),
        f"[profile role]\n{ROLE}source_profile = a\n[profile a]\n{STATIC}",
        environment={"AWS_PROFILE": "role"},
        replies={"POST /": (403, STS_ERROR.format("InvalidClientTokenId"))},
    ),
    "role-unreachable": CredentialCase(
        ("role, profile role: ", "Could not connect", "check the network, and the region and endpoints"),
        f"[profile role]\n{ROLE}source_profile = a\n[profile a]\n{STATIC}",
        environment={"AWS_PROFILE": "role", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
    ),
    "web-file-missing": CredentialCase(
        ("web identity, profile web: ", "the token file HOME/token exists"), WEB, environment=WEB_PROFILE
    ),
    "web-file-is-a-directory": CredentialCase(
        ("web identity, profile web: ", "the token file HOME/token exists"), WEB, {"token/x": ""}, WEB_PROFILE
    ),
    "web-file-empty": CredentialCase(
        ("web identity, profile web: ", "the token file HOME/token exists"), WEB, {"token": ""}, WEB_PROFILE
    ),
    "web-by-environment": CredentialCase(
        ("web identity, profile default: ", "the token file HOME/gone exists"),
        environment={
            "AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/gone",
            "AWS_ROLE_ARN": "arn:aws:iam::444455556666:role/reader",
        },
    ),
    "web-without-role": CredentialCase(
        ("web identity, profile default: ", "AWS_ROLE_ARN"), environment={"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/gone"}
    ),
    "web-refused": CredentialCase(
        ("web identity, profile web: InvalidIdentityToken: No.", "role/reader trusts", "HOME/token"),
        WEB,
        {"token": SECRET},
        WEB_PROFILE,
        {"POST /": (400, STS_ERROR.format("InvalidIdentityToken"))},
    ),
    "sso-without-login": CredentialCase(("SSO, profile sso: ", LOGIN), LEGACY, environment=SSO_PROFILE),
    "sso-expired": CredentialCase(
        ("(credentials expired); SSO, profile sso: ", LOGIN),
        LEGACY,
        sso_token("https://example.awsapps.com/start", PAST),
        SSO_PROFILE,
    ),
    "sso-session-without-login": CredentialCase(("SSO, profile sso: ", LOGIN), SESSION, environment=SSO_PROFILE),
    "sso-session-expired": CredentialCase(
        ("(credentials expired); SSO, profile sso: ", LOGIN), SESSION, sso_token("corp", PAST), SSO_PROFILE
    ),
    "sso-token-malformed": CredentialCase(
        ("SSO, profile sso: ", LOGIN), SESSION, sso_token("corp", "soon"), SSO_PROFILE
    ),
    "sso-session-missing": CredentialCase(
        ("profile sso: ", "corp", f"correct profile sso {CORRECT}"),
        f"[profile sso]\n{SSO}sso_session = corp\n",
        environment=SSO_PROFILE,
    ),
    "sso-settings-missing": CredentialCase(
        ("SSO, profile sso: ", "sso_region", f"correct profile sso {CORRECT}"),
        f"[profile sso]\n{SSO}sso_start_url = https://example.awsapps.com/start\n",
        environment=SSO_PROFILE,
    ),
    "sso-revoked": CredentialCase(
        ("(credentials expired); SSO, profile sso: ", LOGIN),
        SESSION,
        sso_token("corp", VALID),
        SSO_PROFILE,
        {"GET /federation": (401, '{"__type": "UnauthorizedException", "message": "No."}')},
    ),
    "sso-role-not-assigned": CredentialCase(
        ("SSO, profile sso: ", "No access", "check sso_account_id and sso_role_name", LOGIN),
        SESSION,
        sso_token("corp", VALID),
        SSO_PROFILE,
        {"GET /federation": (403, '{"__type": "ForbiddenException", "message": "No access"}')},
    ),
    "sso-as-source": CredentialCase(
        ("SSO, profile sso: ", LOGIN),
        f"[profile role]\n{ROLE}source_profile = sso\n{LEGACY}",
        environment={"AWS_PROFILE": "role"},
    ),
    "sso-profile-with-a-blank": CredentialCase(
        ("SSO, profile my team: ", "aws sso login --profile 'my team'"),
        f"[profile 'my team']\n{SSO}{START}",
        environment={"AWS_PROFILE": "my team"},
    ),
    "login-without-its-library": CredentialCase(
        ("login, profile p: ", "botocore[crt]"),
        "[profile p]\nlogin_session = arn:aws:iam::111122223333:user/ada\n",
        environment={"AWS_PROFILE": "p"},
    ),
    "process-fails": process(f"echo {SECRET} >&2; exit 7", "exit code 7", arguments=f" --password {SECRET}"),
    "process-prints-no-json": process(f"echo {SECRET}", "its output is not JSON with credentials"),
    "process-prints-a-list": process(f"echo '[\"{SECRET}\"]'", "its output is not JSON with credentials"),
    "process-prints-nothing": process("exit 0", "its output is not JSON with credentials"),
    "process-prints-bytes": process("printf '\\377\\376'", "its output is not JSON with credentials"),
    "process-of-another-version": process(f"echo '{keys(VALID, Version=SECRET)}'", "Unsupported version"),
    "process-without-keys": process("echo '{\"Version\": 1}'", "AccessKeyId"),
    "process-expired": process(f"echo '{keys(PAST)}'", "(credentials expired)"),
    "process-that-asks": process("read code || exit 8; read code </dev/tty || exit 9", "exit code 8"),
    "process-that-asks-on-the-terminal": process('read code </dev/tty || exit 9; echo "$code"', "exit code"),
    "process-missing": CredentialCase(
        ("credential_process, profile p: ", "HOME/gone", "run the command in a terminal"),
        "[profile p]\ncredential_process = HOME/gone\n",
        environment={"AWS_PROFILE": "p"},
    ),
    "process-by-an-interpreter": CredentialCase(
        ("credential_process, profile p: ", "in a terminal to see why: sh HOME/keys.sh …"),
        f"[profile p]\ncredential_process = sh HOME/keys.sh {SECRET}\n",
        script("exit 1"),
        {"AWS_PROFILE": "p"},
    ),
    "process-malformed": CredentialCase(
        ("credential_process, profile p: ", "unbalanced quotation marks"),
        f"[profile p]\ncredential_process = sh '{SECRET}\n",
        environment={"AWS_PROFILE": "p"},
    ),
    "process-empty": CredentialCase(
        ("credential_process, profile p: ",),
        "[profile p]\ncredential_process =\n",
        environment={"AWS_PROFILE": "p"},
    ),
    "process-as-source": CredentialCase(
        ("credential_process, profile p: ", "exit code 7", "HOME/keys.sh"),
        f"[profile role]\n{ROLE}source_profile = p\n[profile p]\ncredential_process = HOME/keys.sh\n",
        script(f"echo {SECRET} >&2; exit 7"),
        {"AWS_PROFILE": "role"},
    ),
    "container-refuses": container("ENDPOINT/keys", "404"),
    "container-prints-a-secret": container("ENDPOINT/keys", replies={"GET /keys": (500, SECRET)}),
    "container-prints-no-json": container("ENDPOINT/keys", replies={"GET /keys": (200, SECRET)}),
    "container-without-keys": container("ENDPOINT/keys", "AccessKeyId", replies={"GET /keys": (200, "{}")}),
    "container-expired": container("(credentials expired)", "ENDPOINT/keys", replies={"GET /keys": (200, keys(PAST))}),
    "container-of-another-host": container("example.com", AWS_CONTAINER_CREDENTIALS_FULL_URI="http://example.com/keys"),
    "container-token-missing": container(
        "HOME/gone",
        "correct AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="HOME/gone",
    ),
    "container-token-malformed": container("Auth token", AWS_CONTAINER_AUTHORIZATION_TOKEN=f"{SECRET}\n"),
    "container-as-source": CredentialCase(
        ("container credentials: ", "ENDPOINT/keys"),
        f"[profile role]\n{ROLE}credential_source = EcsContainer\n",
        environment={"AWS_PROFILE": "role", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "ENDPOINT/keys"},
    ),
    "metadata-without-role": metadata("(no credentials)", NO_KEYS),
    "metadata-prints-a-secret": metadata("(no credentials)", replies=IMDS_ROLE),
    "metadata-as-source": CredentialCase(
        ("role, profile role: ", "Ec2InstanceMetadata"),
        f"[profile role]\n{ROLE}credential_source = Ec2InstanceMetadata\n",
        environment={"AWS_PROFILE": "role"},
    ),
    "metadata-of-no-address": CredentialCase(
        ("(no credentials)", "not a url"),
        environment={"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "not a url"},
    ),
}
