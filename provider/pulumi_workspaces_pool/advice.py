"""What to do about each error code of AWS, and about each error of a pool itself."""

from __future__ import annotations

from collections.abc import Mapping

_CHECK_BUNDLE = (
    "check that the bundle and the directory exist in this region, and that the directory is "
    "registered for POOLS"
)
_CHECK_ROLE = "correct what aws:assumeRoles, aws:assumeRole or assume_role says of the role"
_ENABLE_STS = "enable STS for this region in the account settings of IAM"
_FAULT_OF_AWS = "run again: AWS had a fault of its own"

# In each table the keys are how codes start, separated by spaces; the first that fits counts.
# After an operation and a slash stands what a code means of that operation alone.
_BY_CODE = {
    "CreateWorkspacesPool/ResourceNotFoundException": _CHECK_BUNDLE,
    "UpdateWorkspacesPool/ResourceNotFoundException": _CHECK_BUNDLE,
    "CreateTags/ResourceLimitExceededException": "take tags away: AWS allows a pool 50, of which "
    "one is this provider's",
    "AssumeRole/ValidationError AssumeRoleWithWebIdentity/ValidationError": _CHECK_ROLE,
    "AssumeRoleWithWebIdentity/ExpiredToken": "get a new web identity token",
    "ResourceLimitExceededException": "delete a pool that is not needed, or ask for a higher quota "
    "of WorkSpaces Pools in AWS Service Quotas",
    "ResourceNotFoundException": "run `pulumi refresh` to see whether the pool is gone, then run "
    "again",
    "ResourceAlreadyExistsException": "choose another pool_name, or adopt the pool that has it "
    "with adopt_pool_id",
    "InvalidParameterValuesException ValidationException": "correct the value that AWS names",
    "OperationNotSupportedException": "check that the bundle, the directory and the running mode "
    "allow this for pools",
    "OperationInProgressException": "wait until the other change of the pool has ended, then "
    "run again",
    "InvalidResourceStateException": "wait until the pool is RUNNING or STOPPED, then run again",
    "Throttling TooManyRequests RequestLimitExceeded": "run again later, with a lower --parallel "
    "if it happens often",
    "ExpiredToken TokenRetrieval SSOTokenLoad UnauthorizedSSOToken": "sign in again, for example "
    "with `aws sso login`",
    "RequestExpired": "set this machine's clock",
    "UnrecognizedClient InvalidClientTokenId InvalidSignature SignatureDoesNotMatch "
    "InvalidAccessKeyId PartialCredentials": "check the AWS credentials of this run (aws:profile, "
    "AWS_PROFILE or the environment)",
    "NoCredentials": "sign in to AWS, or set aws:profile, AWS_PROFILE or the AWS_ACCESS_KEY_ID "
    "family",
    "MalformedCredentials": "take it out of the variable, file or program that gives them",
    "CredentialRetrieval": "run the profile's credential_process by hand to see why, or check "
    "what else it takes its credentials from",
    "NotSent": "check aws:profile and the files, programs and endpoints that it names",
    "PackedPolicyTooLarge MalformedPolicyDocument ParamValidation": _CHECK_ROLE,
    "InvalidIdentityToken IDPRejectedClaim": "check the token and the role of "
    "aws:assumeRoleWithWebIdentity",
    "RegionDisabled": _ENABLE_STS,
    "OptInRequired": "enable the service or the region for this account",
    "AccessDenied": "it is not for want of a permission, so see what AWS says",
    "ProfileNotFound": "set aws:profile or AWS_PROFILE to a profile of ~/.aws/config "
    "(a refresh or a destroy takes aws:profile from the last `pulumi up`, unless it is run with "
    "--run-program)",
    "NoRegion": "set a region with `pulumi config set aws:region ...`",
    "Internal ServiceUnavailable 5": _FAULT_OF_AWS,
    "RequestTimeout": "run again, and check the network if it happens often",
}
_REACHING = {
    "Proxy": "check aws:httpProxy, aws:httpsProxy, aws:noProxy and the variables of the same names",
    "SSL": "check aws:customCaBundle, AWS_CA_BUNDLE and a proxy on the way",
}
# What AWS says of these can quote the request, signature and session token included.
_IN_OUR_WORDS = {
    "ExpiredToken": "AWS says that the credentials have expired",
    "UnrecognizedClient InvalidClientTokenId InvalidAccessKeyId": "AWS does not know these "
    "credentials",
    "InvalidSignature SignatureDoesNotMatch": "AWS does not accept the signature made with these "
    "credentials",
    "NoCredentials": "no AWS credentials were found",
    "MalformedCredentials": "a credential has a line break or another character that no request "
    "can hold",
    # botocore quotes what the program wrote.
    "CredentialRetrieval": "no AWS credentials came from where the profile takes them",
}
# A pool's own Errors.
_BY_POOL_ERROR = {
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
    "STS_DISABLED_IN_REGION": _ENABLE_STS,
    "INSUFFICIENT_PERMISSIONS_ERROR": "give workspaces_DefaultRole the permissions that AWS names",
    "DEFAULT_OU_IS_MISSING": "set the directory's default organizational unit",
    "DOMAIN_JOIN": "check the directory's Active Directory settings and its service account secret",
    "INTERNAL_SERVICE_ERROR": _FAULT_OF_AWS,
    "WORKSPACES_POOL_INSTANCE_PROVISIONING_FAILURE": "check the bundle and the directory's network",
}


def on_refusal(operation: str, code: str) -> str:
    """Return what to do about an error code of an operation."""
    special = _matching(_BY_CODE, f"{operation}/{code}")
    return special or _matching(_BY_CODE, code) or "see what AWS says and run again"


def on_no_connection(code: str) -> str:
    """Return what to do about an AWS that cannot be reached, by botocore's error."""
    return _matching(_REACHING, code) or "check the network, the region and aws:endpoints"


def on_pool_error(code: str) -> str | None:
    """Return what to do about an error of a pool, or None."""
    return _matching(_BY_POOL_ERROR, code)


def in_our_words(code: str) -> str | None:
    """Return what a refusal means that must not be quoted; None if it may be."""
    return _matching(_IN_OUR_WORDS, code)


def _matching(table: Mapping[str, str], code: str) -> str | None:
    return next(
        (text for starts, text in table.items() if code.startswith(tuple(starts.split()))), None
    )
