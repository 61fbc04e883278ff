"""S3, whose permissions have other names than its operations."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote

OF_BUCKET = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
"""What a permission on a setting of a bucket ends in, by the word in the query."""

DELETED_BY_ITSELF = {"policy", "website"}
"""Settings with a permission to delete them; all others are deleted by whoever may put them."""

OF_OBJECT = {
    "acl": "ObjectAcl",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
WHOLE_BUCKET = {"versions": "ListBucketVersions", "uploads": "ListBucketMultipartUploads"}
READING = {"GET": "Get", "HEAD": "Get"}
CONTROL = re.compile(r"^/v20180820/(tags)/(.+)$")
CONTROL_TAGS = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}

Asked = tuple[str, list[str], dict[str, Any]]


def asked(method: str, path: str, query: str, environ: dict[str, Any], body: bytes) -> Asked:
    """Operation, IAM's actions, and the ARNs they touch as the parameter `arns`."""
    control = CONTROL.match(path)
    if control:
        action = CONTROL_TAGS[method]
        return action, [action], {"arns": [unquote(control.group(2))]}
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    words = set(parse_qs(query, keep_blank_values=True))
    if not bucket:
        return "ListBuckets", ["ListAllMyBuckets"], {"arns": []}
    arn = f"arn:aws:s3:::{bucket}"
    if key:
        actions = of_object(method, words, environ)
        return actions[0], actions, {"arns": [f"{arn}/{key}"]}
    if method == "POST" and "delete" in words:
        text = body.decode("utf-8", "replace")
        keys = re.findall(r"<Key>([^<]*)</Key>", text)
        action = "DeleteObjectVersion" if "<VersionId>" in text else "DeleteObject"
        return "DeleteObjects", [action], {"arns": sorted(f"{arn}/{name}" for name in keys) or [f"{arn}/*"]}
    action = of_bucket(method, words)
    return action, [action], {"arns": [arn]}


def of_bucket(method: str, words: set[str]) -> str:
    """The permission on a bucket."""
    for word, name in WHOLE_BUCKET.items():
        if word in words:
            return name
    for word, name in OF_BUCKET.items():
        if word in words:
            verb = READING.get(method, "Delete" if method == "DELETE" and word in DELETED_BY_ITSELF else "Put")
            return f"{verb}{name}"
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket"}.get(method, "ListBucket")


def of_object(method: str, words: set[str], environ: dict[str, Any]) -> list[str]:
    """The permissions on an object."""
    version = "Version" if "versionId" in words else ""
    for word, name in OF_OBJECT.items():
        if word in words:
            verb = READING.get(method, "Delete" if method == "DELETE" else "Put")
            return [f"{verb}{name.replace('Object', f'Object{version}')}"]
    if method in READING:
        return ["ListMultipartUploadParts"] if "uploadId" in words else [f"GetObject{version}"]
    if method == "DELETE":
        return ["AbortMultipartUpload"] if "uploadId" in words else [f"DeleteObject{version}"]
    tagged = ["PutObjectTagging"] if "HTTP_X_AMZ_TAGGING" in environ else []
    return ["PutObject", *tagged]
