"""What to do about each error code of AWS, and about each error of a pool itself."""

from __future__ import annotations

CHECK_CREDENTIALS = (
    "check the AWS credentials of this run (aws:profile, AWS_PROFILE or the environment)"
)

_CHECK_BUNDLE = (
    "check that the bundle and the directory exist in this region, and that the directory is "
    "registered for POOLS"
)
_FAULT_OF_AWS = "run again: AWS had a fault of its own"
_CHECK_ROLE = "correct what aws:assumeRoles, aws:assumeRole or assume_role says of the role"

# What a code means of one operation, where it means something else of others.
BY_OPERATION = {
    ("CreateWorkspacesPool", "ResourceNotFoundException"): _CHECK_BUNDLE,
    ("UpdateWorkspacesPool", "ResourceNotFoundException"): _CHECK_BUNDLE,
    ("CreateTags", "ResourceLimitExceededException"): "take tags away: AWS allows a pool 50, of "
    "which one is this provider's",
    ("AssumeRole", "ValidationError"): _CHECK_ROLE,
    ("AssumeRoleWithWebIdentity", "ValidationError"): _CHECK_ROLE,
    ("AssumeRoleWithWebIdentity", "ExpiredToken"): "get a new web identity token",
}
# Error codes by what a person can do about them. A code that starts like a key matches it.
ADVICE = {
    "ResourceLimitExceededException": "delete a pool that is not needed, or ask for a higher quota "
    "of WorkSpaces Pools in AWS Service Quotas",
    "ResourceNotFoundException": "run `pulumi refresh` to see whether the pool is gone, then run "
    "again",
    "ResourceAlreadyExistsException": "choose another pool_name, or adopt the pool that has it "
    "with adopt_pool_id",
    "InvalidParameterValuesException": "correct the value that AWS names",
    "ValidationException": "correct the value that AWS names",
    "OperationNotSupportedException": "check that the bundle, the directory and the running mode "
    "allow this for pools",
    "OperationInProgressException": "wait until the other change of the pool has ended, then "
    "run again",
    "InvalidResourceStateException": "wait until the pool is RUNNING or STOPPED, then run again",
    "Throttling": "run again later, with a lower --parallel if it happens often",
    "TooManyRequests": "run again later, with a lower --parallel if it happens often",
    "RequestLimitExceeded": "run again later, with a lower --parallel if it happens often",
    "ExpiredToken": "sign in again, for example with `aws sso login`",
    "RequestExpired": "set this machine's clock",
    "UnrecognizedClient": CHECK_CREDENTIALS,
    "InvalidClientTokenId": CHECK_CREDENTIALS,
    "InvalidSignature": CHECK_CREDENTIALS,
    "SignatureDoesNotMatch": CHECK_CREDENTIALS,
    "InvalidAccessKeyId": CHECK_CREDENTIALS,
    "NoCredentials": "sign in to AWS, or set aws:profile, AWS_PROFILE or the AWS_ACCESS_KEY_ID "
    "family",
    "PartialCredentials": CHECK_CREDENTIALS,
    "MalformedCredentials": "take it out of the variable, file or program that gives them",
    "CredentialRetrieval": "run the profile's credential_process by hand to see why, or check "
    "what else it takes its credentials from",
    "NotSent": "check aws:profile and the files, programs and endpoints that it names",
    "PackedPolicyTooLarge": _CHECK_ROLE,
    "MalformedPolicyDocument": _CHECK_ROLE,
    "ParamValidation": _CHECK_ROLE,
    "InvalidIdentityToken": "check the token and the role of aws:assumeRoleWithWebIdentity",
    "IDPRejectedClaim": "check the token and the role of aws:assumeRoleWithWebIdentity",
    "RegionDisabled": "enable STS for this region in the account settings of IAM",
    "OptInRequired": "enable the service or the region for this account",
    "TokenRetrieval": "sign in again, for example with `aws sso login`",
    "SSOTokenLoad": "sign in again, for example with `aws sso login`",
    "UnauthorizedSSOToken": "sign in again, for example with `aws sso login`",
    "AccessDenied": "it is not for want of a permission, so see what AWS says",
    "ProfileNotFound": "set aws:profile or AWS_PROFILE to a profile of ~/.aws/config "
    "(a refresh or a destroy takes aws:profile from the last `pulumi up`, unless it is run with "
    "--run-program)",
    "NoRegion": "set a region with `pulumi config set aws:region ...`",
    "Internal": _FAULT_OF_AWS,
    "ServiceUnavailable": _FAULT_OF_AWS,
    "RequestTimeout": "run again, and check the network if it happens often",
    "5": _FAULT_OF_AWS,
}

_REACHING = {
    "Proxy": "check aws:httpProxy, aws:httpsProxy, aws:noProxy and the variables of the same names",
    "SSL": "check aws:customCaBundle, AWS_CA_BUNDLE and a proxy on the way",
    "": "check the network, the region and aws:endpoints",
}

# What AWS says of these can quote the request, signature and session token included.
IN_OUR_WORDS = {
    "ExpiredToken": "AWS says that the credentials have expired",
    "UnrecognizedClient": "AWS does not know these credentials",
    "InvalidClientTokenId": "AWS does not know these credentials",
    "InvalidAccessKeyId": "AWS does not know these credentials",
    "InvalidSignature": "AWS does not accept the signature made with these credentials",
    "SignatureDoesNotMatch": "AWS does not accept the signature made with these credentials",
    "NoCredentials": "no AWS credentials were found",
    "MalformedCredentials": "a credential has a line break or another character that no request "
    "can hold",
    # botocore quotes what the program wrote.
    "CredentialRetrieval": "no AWS credentials came from where the profile takes them",
}

# A pool's own Errors, by what a person can do about them.
POOL_ERROR_ADVICE = {
    "IAM_SERVICE_ROLE": "create the role workspaces_DefaultRole with its EC2 network actions",
    "MACHINE_ROLE_IS_MISSING": "create the IAM role that the pool's machines use",
    "NETWORK_INTERFACE_LIMIT_EXCEEDED": "ask for a higher quota of network interfaces in this "
    "region",
    "SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES": "free addresses in the directory's subnets or use "
    "larger ones",
    "SUBNET_NOT_FOUND": "register the directory with subnets that exist",
    "INVALID_SUBNET_CONFIGURATION": "register the directory with two subnets in zones that "
    "WorkSpaces supports",
    "SECURITY_GROUPS_NOT_FOUND": "give the directory a security group that exists",
    "IGW_NOT_ATTACHED": "attach an internet gateway to the VPC",
    "IMAGE_NOT_FOUND": "choose a bundle whose image exists",
    "BUNDLE_NOT_FOUND": "choose a bundle that exists in this region",
    "DIRECTORY_NOT_FOUND": "choose a directory that is registered for POOLS in this region",
    "STS_DISABLED_IN_REGION": "enable STS for this region in the account settings of IAM",
    "INSUFFICIENT_PERMISSIONS_ERROR": "give workspaces_DefaultRole the permissions that AWS names",
    "DEFAULT_OU_IS_MISSING": "set the directory's default organizational unit",
    "DOMAIN_JOIN": "check the directory's Active Directory settings and its service account secret",
    "INTERNAL_SERVICE_ERROR": "run again: AWS had a fault of its own",
    "WORKSPACES_POOL_INSTANCE_PROVISIONING_FAILURE": "check the bundle and the directory's network",
}


def advice_on(operation: str, code: str) -> str:
    """Return what to do about an error code of an operation."""
    special = next(
        (
            text
            for (of, start), text in BY_OPERATION.items()
            if of == operation and code.startswith(start)
        ),
        None,
    )
    return special or matching(ADVICE, code) or "see what AWS says and run again"


def reaching(code: str) -> str:
    """Return what to do about an AWS that cannot be reached, by botocore's error."""
    return matching(_REACHING, code) or ""


def matching(table: dict[str, str], code: str) -> str | None:
    """Return the text of the first key that a code starts with, or None."""
    return next((text for start, text in table.items() if code.startswith(start)), None)
