"""Distributions, the deliveries of their logs, the records that lead to them, and the users that upload."""

from __future__ import annotations

import unittest
from typing import Any

from support import ACCOUNT, EXISTING_ZONE_ID, EXISTING_ZONE_NAME, client, inventory, unique

CACHE_POLICY = "658327ea-f89d-4fab-a63d-7e88639e58f6"
EDGE_ZONE = "Z2FDTNDATAQYW2"


def configuration(control: str, **settings: Any) -> dict[str, Any]:
    """A distribution before a bucket."""
    return {
        "CallerReference": unique("caller"),
        "Comment": "test",
        "Enabled": True,
        "HttpVersion": "http2and3",
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "bucket",
                    "DomainName": "images.s3.eu-west-1.amazonaws.com",
                    "OriginAccessControlId": control,
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "bucket",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": CACHE_POLICY,
        },
        **settings,
    }


def access_control() -> str:
    """The id of an origin access control."""
    settings = {
        "Name": unique("control"),
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    created = client("cloudfront").create_origin_access_control(OriginAccessControlConfig=settings)
    return created["OriginAccessControl"]["Id"]


class CloudFrontTest(unittest.TestCase):
    def setUp(self) -> None:
        self.cloudfront = client("cloudfront")
        self.control = access_control()

    def create(self, **settings: Any) -> dict[str, Any]:
        """A distribution as it is read back."""
        config = configuration(self.control, **settings)
        identifier = self.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
        return self.cloudfront.get_distribution(Id=identifier)["Distribution"]

    def error_of(self, call: Any, **arguments: Any) -> str:
        """The code of the error that a call ends with."""
        with self.assertRaises(self.cloudfront.exceptions.ClientError) as raised:
            call(**arguments)
        return str(raised.exception.response["Error"]["Code"])

    def test_configuration_reads_back_as_written(self) -> None:
        read = self.create()["DistributionConfig"]
        self.assertEqual(read["Origins"]["Items"][0]["OriginAccessControlId"], self.control)
        self.assertEqual(read["HttpVersion"], "http2and3")
        behaviour = read["DefaultCacheBehavior"]
        self.assertEqual(behaviour["CachePolicyId"], CACHE_POLICY)
        self.assertNotIn("ForwardedValues", behaviour)
        self.assertEqual(behaviour["FunctionAssociations"], {"Quantity": 0})
        self.assertIs(read["ViewerCertificate"]["CloudFrontDefaultCertificate"], True)
        self.assertNotIn("SSLSupportMethod", read["ViewerCertificate"])

    def test_functions_and_forwarded_values_are_kept_where_there_are_any(self) -> None:
        function = {"FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/x", "EventType": "viewer-request"}
        behaviour = {
            "TargetOriginId": "bucket",
            "ViewerProtocolPolicy": "https-only",
            "FunctionAssociations": {"Quantity": 1, "Items": [function]},
            "ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "none"}},
        }
        read = self.create(DefaultCacheBehavior=behaviour)["DistributionConfig"]["DefaultCacheBehavior"]
        self.assertEqual(read["FunctionAssociations"]["Items"], [function])
        self.assertIs(read["ForwardedValues"]["QueryString"], True)

    def test_certificate_of_ones_own_is_in_us_east_1(self) -> None:
        def certificate(region: str) -> dict[str, str]:
            return {
                "ACMCertificateArn": f"arn:aws:acm:{region}:{ACCOUNT}:certificate/x",
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            }

        read = self.create(ViewerCertificate=certificate("us-east-1"))["DistributionConfig"]["ViewerCertificate"]
        self.assertEqual(read["SSLSupportMethod"], "sni-only")
        self.assertIs(read["CloudFrontDefaultCertificate"], False)
        refused = configuration(self.control, ViewerCertificate=certificate("eu-west-1"))
        code = self.error_of(self.cloudfront.create_distribution, DistributionConfig=refused)
        self.assertEqual(code, "InvalidViewerCertificate")

    def test_tags_are_found_by_an_arn_without_a_region(self) -> None:
        tags = {"Items": [{"Key": "project", "Value": "p"}]}
        config = {"DistributionConfig": configuration(self.control), "Tags": tags}
        created = self.cloudfront.create_distribution_with_tags(DistributionConfigWithTags=config)["Distribution"]
        self.assertEqual(created["ARN"], f"arn:aws:cloudfront::{ACCOUNT}:distribution/{created['Id']}")
        self.assertEqual(self.cloudfront.list_tags_for_resource(Resource=created["ARN"])["Tags"], tags)

    def test_only_what_is_disabled_goes_and_its_access_control_after_it(self) -> None:
        identifier = self.create()["Id"]
        listed = {f"distribution {identifier}", f"origin-access-control {self.control}"}
        self.assertTrue(listed <= inventory("cloudfront").keys())
        etag = self.cloudfront.get_distribution_config(Id=identifier)["ETag"]
        code = self.error_of(self.cloudfront.delete_distribution, Id=identifier, IfMatch=etag)
        self.assertEqual(code, "DistributionNotDisabled")
        code = self.error_of(self.cloudfront.delete_origin_access_control, Id=self.control)
        self.assertEqual(code, "OriginAccessControlInUse")

        disabled = configuration(self.control, Enabled=False)
        self.cloudfront.update_distribution(Id=identifier, IfMatch=etag, DistributionConfig=disabled)
        self.cloudfront.delete_distribution(Id=identifier, IfMatch=etag)
        self.cloudfront.delete_origin_access_control(Id=self.control)
        self.assertEqual(listed & inventory("cloudfront").keys(), set())


class LogDeliveryTest(unittest.TestCase):
    def setUp(self) -> None:
        self.logs = client("logs")
        self.name = unique("images")
        self.resource = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E123"

    def test_delivery_comes_and_goes_before_its_ends(self) -> None:
        self.logs.put_delivery_source(name=self.name, resourceArn=self.resource, logType="ACCESS_LOGS")
        target = {"destinationResourceArn": f"arn:aws:s3:::{self.name}"}
        destination = self.logs.put_delivery_destination(name=self.name, deliveryDestinationConfiguration=target)
        delivery = self.logs.create_delivery(
            deliverySourceName=self.name, deliveryDestinationArn=destination["deliveryDestination"]["arn"]
        )["delivery"]["id"]
        listed = {f"delivery {delivery}", f"delivery-source {self.name}", f"delivery-destination {self.name}"}
        self.assertTrue(listed <= inventory("logs").keys())

        for call in (self.logs.delete_delivery_source, self.logs.delete_delivery_destination):
            with self.assertRaises(self.logs.exceptions.ConflictException):
                call(name=self.name)
        self.logs.delete_delivery(id=delivery)
        self.logs.delete_delivery_source(name=self.name)
        self.logs.delete_delivery_destination(name=self.name)
        self.assertEqual(listed & inventory("logs").keys(), set())

    def test_source_of_cloudfront_is_made_in_us_east_1(self) -> None:
        elsewhere = client("logs", region="eu-west-1")
        with self.assertRaises(elsewhere.exceptions.ValidationException):
            elsewhere.put_delivery_source(name=self.name, resourceArn=self.resource, logType="ACCESS_LOGS")


class RecordTest(unittest.TestCase):
    def setUp(self) -> None:
        self.route53 = client("route53")

    def change(self, action: str, name: str, kind: str) -> None:
        """Makes or deletes a record that leads to a distribution."""
        target = {"HostedZoneId": EDGE_ZONE, "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": False}
        change = {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, "AliasTarget": target}}
        self.route53.change_resource_record_sets(HostedZoneId=EXISTING_ZONE_ID, ChangeBatch={"Changes": [change]})

    def test_record_comes_back_after_it_was_deleted(self) -> None:
        name, after = (f"{unique(letter)}.{EXISTING_ZONE_NAME}" for letter in "az")
        self.change("CREATE", after, "A")
        for _ in range(2):
            for kind in ("A", "AAAA"):
                self.change("CREATE", name, kind)
            self.assertTrue({f"record {name}. A", f"record {name}. AAAA"} <= inventory("route53").keys())
            for kind in ("A", "AAAA"):
                self.change("DELETE", name, kind)
        self.assertEqual([item for item in inventory("route53") if name in item], [])

    def test_record_that_exists_is_refused(self) -> None:
        name = f"*.{unique('twice')}.{EXISTING_ZONE_NAME}"
        self.change("CREATE", name, "A")
        with self.assertRaises(self.route53.exceptions.InvalidChangeBatch):
            self.change("CREATE", name, "A")
        self.change("DELETE", name, "A")


class UserTest(unittest.TestCase):
    def test_what_is_asked_before_a_user_is_deleted_is_answered(self) -> None:
        iam = client("iam")
        name = unique("user")
        iam.create_user(UserName=name)
        self.assertEqual(iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"], [])
        with self.assertRaises(iam.exceptions.NoSuchEntityException):
            iam.list_service_specific_credentials(UserName=unique("nobody"))
