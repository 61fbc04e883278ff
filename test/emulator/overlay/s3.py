"""S3: versions that go, lifecycle rules as they were written, tags at creation, and policies with conditions, services and blocks."""

from __future__ import annotations

import json
from typing import Any

import xmltodict
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import MalformedXML, NoSuchLifecycleConfiguration, S3AccessDeniedError
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
from moto.s3.responses import S3Response

from overlay.patching import add, replace, wrap

MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size"
DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"


def apply() -> None:
    """Applies all patches of this module."""
    patch_bucket_put()
    patch_delete_markers()
    patch_lifecycle()
    patch_tags()
    patch_policies()


def patch_delete_markers() -> None:
    """A marker has nothing to clear away; moto asks it to when its version is deleted."""

    @add(FakeDeleteMarker)
    def dispose(self: Any, garbage: bool = False) -> None:
        pass


def patch_bucket_put() -> None:
    """PUT on a bucket: creation keeps tags, lifecycle keeps the whole document."""

    @wrap(S3Response, "_bucket_response_put")
    def bucket_response_put(original: Any, self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        if "lifecycle" in querystring:
            return put_lifecycle(self, request, bucket_name)
        result = original(self, request, bucket_name, querystring)
        if not querystring and self.body:
            tags = tags_at_creation(self.body)
            if tags:
                self.backend.put_bucket_tagging(bucket_name, tags)
        return result


def tags_at_creation(body: bytes | str) -> dict[str, str]:
    """The tags in the body of CreateBucket, which providers since 6.23 send there."""
    document = xmltodict.parse(body, force_list=("Tag",)).get("CreateBucketConfiguration") or {}
    tags = (document.get("Tags") or {}).get("Tag") or []
    return {tag["Key"]: tag.get("Value") or "" for tag in tags}


def put_lifecycle(response: Any, request: Any, bucket_name: str) -> str:
    """Stores the document itself: moto's model loses size filters and version counts."""
    bucket = response.backend.get_bucket(bucket_name)
    configuration = xmltodict.parse(response.body, force_list=("Rule",)).get("LifecycleConfiguration") or {}
    rules = configuration.get("Rule") or []
    if not rules or any(rule.get("Status") not in ("Enabled", "Disabled") for rule in rules):
        raise MalformedXML()
    bucket.slipway_lifecycle = response.body
    bucket.slipway_minimum_size = request.headers.get(MINIMUM_SIZE_HEADER) or DEFAULT_MINIMUM_SIZE
    return ""


def patch_lifecycle() -> None:
    """Answers the stored document."""

    @replace(S3Response, "get_bucket_lifecycle")
    def get_bucket_lifecycle(self: Any) -> Any:
        self.data["Action"] = "GetBucketLifecycleConfiguration"
        bucket = self.backend.get_bucket(self.bucket_name)
        document = getattr(bucket, "slipway_lifecycle", None)
        if document is None:
            raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
        headers = {"Content-Type": "application/xml", MINIMUM_SIZE_HEADER: bucket.slipway_minimum_size}
        return 200, headers, document

    @wrap(S3Backend, "delete_bucket_lifecycle")
    def delete_bucket_lifecycle(original: Any, self: Any, bucket_name: str) -> None:
        original(self, bucket_name)
        self.get_bucket(bucket_name).slipway_lifecycle = None


def patch_tags() -> None:
    """A bucket that is created again under its name starts without the old tags."""

    @wrap(S3Backend, "delete_bucket")
    def delete_bucket(original: Any, self: Any, bucket_name: str) -> Any:
        arn = self.get_bucket(bucket_name).arn
        deleted = original(self, bucket_name)
        if deleted is not None:
            self.tagger.delete_all_tags_for_resource(arn)
        return deleted


def patch_policies() -> None:
    """Reads bucket policies the way a caller meets them, and takes no public one while these are blocked."""

    @replace(FakeBucket, "get_permission")
    def get_permission(self: Any, action: str, resource: str) -> PermissionResult:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        return IAMPolicy(as_met_by_callers(self.policy)).is_action_permitted(action, resource)

    @wrap(S3Backend, "put_bucket_policy")
    def put_bucket_policy(original: Any, self: Any, bucket_name: str, policy: bytes) -> None:
        block = self.get_bucket(bucket_name).public_access_block
        if block is not None and block.block_public_policy and is_public(policy):
            raise S3AccessDeniedError()
        original(self, bucket_name, policy)


def statements_of(policy: bytes) -> list[dict[str, Any]]:
    """The statements; one alone need not be a list."""
    statements = json.loads(policy)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def as_met_by_callers(policy: bytes) -> str:
    """The policy without conditional denials and without what is allowed to services of AWS.

    moto ignores conditions and principals: "deny unless TLS" would deny every call, and what CloudFront may read would
    be everybody's.
    """
    kept = [
        statement
        for statement in statements_of(policy)
        if not (statement["Effect"] == "Deny" and statement.get("Condition"))
        and not (statement["Effect"] == "Allow" and is_for_services(statement.get("Principal")))
    ]
    return json.dumps({**json.loads(policy), "Statement": kept})


def is_for_services(principal: Any) -> bool:
    """Whether the principal is services of AWS alone."""
    return isinstance(principal, dict) and set(principal) == {"Service"}


def is_public(policy: bytes) -> bool:
    """Whether it allows something to everybody, without a condition that could narrow it."""
    return any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in statements_of(policy)
    )
