"""S3: lifecycle rules as they were written, tags at creation, and policies that deny plain HTTP."""

from __future__ import annotations

import json
from typing import Any

import xmltodict
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import MalformedXML, NoSuchLifecycleConfiguration
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from overlay.patching import replace, wrap

MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size"
DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"


def apply() -> None:
    """Applies all patches of this module."""
    patch_bucket_put()
    patch_lifecycle()
    patch_tags()
    patch_policies()


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
    """Reads bucket policies without conditional denials.

    moto ignores conditions: "deny unless TLS" would deny every call.
    """

    @replace(FakeBucket, "get_permission")
    def get_permission(self: Any, action: str, resource: str) -> PermissionResult:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        document = without_conditional_denials(self.policy)
        return IAMPolicy(document).is_action_permitted(action, resource)


def without_conditional_denials(policy: bytes) -> str:
    """The policy with the statements that deny under a condition left out."""
    document = json.loads(policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    kept = [s for s in statements if not (s["Effect"] == "Deny" and s.get("Condition"))]
    return json.dumps({**document, "Statement": kept})
