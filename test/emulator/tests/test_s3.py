"""Buckets: tags, lifecycle and policies."""

from __future__ import annotations

import json
import unittest
import urllib.error
import urllib.request
from typing import Any

from support import ACCOUNT, client, emulator, inventory, unique

TAGS = [{"Key": "project", "Value": "p"}]


def s3_control() -> Any:
    """S3 Control the way Terraform reaches it: an invented host, with the emulator as the HTTP proxy."""
    return client("s3control", endpoint_url="http://s3control.moto.invalid", proxies={"http": emulator().url})


class S3Test(unittest.TestCase):
    def setUp(self) -> None:
        self.s3 = client("s3")
        self.bucket = unique("bucket")

    def test_tags_given_at_creation_are_read_through_s3_control(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"Tags": TAGS})
        self.assertEqual(self.s3.get_bucket_tagging(Bucket=self.bucket)["TagSet"], TAGS)
        resource = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{self.bucket}"}
        control = s3_control()
        self.assertEqual(control.list_tags_for_resource(**resource)["Tags"], TAGS)
        control.tag_resource(**resource, Tags=[{"Key": "stack", "Value": "dev"}])
        control.untag_resource(**resource, TagKeys=["project"])
        self.assertEqual(control.list_tags_for_resource(**resource)["Tags"], [{"Key": "stack", "Value": "dev"}])

    def test_bucket_created_again_has_none_of_the_old_tags(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"Tags": TAGS})
        self.assertIn(f"bucket {self.bucket}", inventory("s3"))
        self.s3.delete_bucket(Bucket=self.bucket)
        self.assertNotIn(f"bucket {self.bucket}", inventory("s3"))
        self.s3.create_bucket(Bucket=self.bucket)
        resource = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{self.bucket}"}
        self.assertEqual(s3_control().list_tags_for_resource(**resource)["Tags"], [])

    def test_all_versions_of_what_was_deleted_go_at_once(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        for _ in range(2):
            self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"hello")
            self.s3.delete_object(Bucket=self.bucket, Key="x")
        listed = self.s3.list_object_versions(Bucket=self.bucket)
        versions = [*listed["Versions"], *listed["DeleteMarkers"]]
        self.assertEqual(len(versions), 4)
        named = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        deleted = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": named})
        self.assertEqual(len(deleted["Deleted"]), 4)
        self.s3.delete_bucket(Bucket=self.bucket)
        self.assertNotIn(f"bucket {self.bucket}", inventory("s3"))

    def test_lifecycle_reads_back_as_written(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        rules = [
            {
                "ID": "versions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3},
            },
            {
                "ID": "sizes",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 1000, "ObjectSizeLessThan": 2000}},
                "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            },
            {
                "ID": "size",
                "Status": "Disabled",
                "Filter": {"ObjectSizeGreaterThan": 5000},
                "Expiration": {"Days": 90},
            },
        ]
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=self.bucket,
            LifecycleConfiguration={"Rules": rules},
            TransitionDefaultMinimumObjectSize="varies_by_storage_class",
        )
        read = self.s3.get_bucket_lifecycle_configuration(Bucket=self.bucket)
        self.assertEqual(read["Rules"], rules)
        self.assertEqual(read["TransitionDefaultMinimumObjectSize"], "varies_by_storage_class")

        self.s3.delete_bucket_lifecycle(Bucket=self.bucket)
        with self.assertRaises(self.s3.exceptions.ClientError) as raised:
            self.s3.get_bucket_lifecycle_configuration(Bucket=self.bucket)
        self.assertEqual(raised.exception.response["Error"]["Code"], "NoSuchLifecycleConfiguration")

    def test_lifecycle_without_a_valid_status_is_refused(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        with self.assertRaises(self.s3.exceptions.ClientError) as raised:
            self.s3.put_bucket_lifecycle_configuration(
                Bucket=self.bucket,
                LifecycleConfiguration={"Rules": [{"ID": "x", "Status": "on", "Filter": {"Prefix": ""}}]},
            )
        self.assertEqual(raised.exception.response["Error"]["Code"], "MalformedXML")

    def put_policy(self, **statement: Any) -> None:
        """Denies everything to everyone under the given condition, if any."""
        denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{self.bucket}/*"}
        policy = {"Version": "2012-10-17", "Statement": [{**denial, **statement}]}
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))

    def test_policy_that_denies_plain_http_lets_objects_in(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        self.put_policy(Condition={"Bool": {"aws:SecureTransport": "false"}})
        self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"hello")
        self.assertEqual(self.s3.get_object(Bucket=self.bucket, Key="x")["Body"].read(), b"hello")
        read = json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])
        self.assertEqual(read["Statement"][0]["Condition"], {"Bool": {"aws:SecureTransport": "false"}})

    def test_policy_that_denies_always_still_denies(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        self.put_policy()
        with self.assertRaises(self.s3.exceptions.ClientError) as raised:
            self.s3.put_object(Bucket=self.bucket, Key="x", Body=b"hello")
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)

    def status_for_strangers(self, key: str) -> int:
        """What a request without a signature is answered."""
        try:
            with urllib.request.urlopen(f"{emulator().url}/{self.bucket}/{key}") as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def test_policy_for_everybody_opens_what_it_names_and_one_for_a_service_nothing(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        for key in ("images/x", "other/x"):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"hello")
        below = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/images/*"}
        self.put_policy(**below)
        self.assertEqual([self.status_for_strangers(key) for key in ("images/x", "other/x")], [200, 403])
        self.put_policy(**below, Principal={"Service": "cloudfront.amazonaws.com"})
        self.assertEqual(self.status_for_strangers("images/x"), 403)

    def test_public_policy_is_refused_while_the_block_is_up(self) -> None:
        self.s3.create_bucket(Bucket=self.bucket)
        public = {"Effect": "Allow", "Action": "s3:GetObject"}

        def block(up: bool) -> None:
            kinds = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
            self.s3.put_public_access_block(
                Bucket=self.bucket, PublicAccessBlockConfiguration=dict.fromkeys(kinds, up)
            )

        block(True)
        with self.assertRaises(self.s3.exceptions.ClientError) as raised:
            self.put_policy(**public)
        self.assertEqual(raised.exception.response["Error"]["Code"], "AccessDenied")
        self.put_policy(**public, Principal={"Service": "cloudfront.amazonaws.com"})
        block(False)
        self.put_policy(**public)
