"""IoT: endpoint, tags, policies, and what goes when."""

from __future__ import annotations

import json
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support import OTHER_ACCOUNT, client, inventory, unique

DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}]}
)


class IotTest(unittest.TestCase):
    def setUp(self) -> None:
        self.iot = client("iot")
        self.name = unique("device")

    def refused(self, code: str, operation: str, **request: object) -> str:
        """The message of a refusal with this code."""
        with self.assertRaises(self.iot.exceptions.ClientError) as raised:
            getattr(self.iot, operation)(**request)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
        return raised.exception.response["Error"]["Message"]

    def test_an_account_has_one_endpoint_of_a_kind(self) -> None:
        ats = [self.iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"] for _ in range(2)]
        self.assertEqual(ats[0], ats[1])
        self.assertRegex(ats[0], r"^a[0-9a-f]{13}-ats\.iot\.us-east-1\.amazonaws\.com$")
        credentials = self.iot.describe_endpoint(endpointType="iot:CredentialProvider")["endpointAddress"]
        self.assertEqual(credentials, ats[0].replace("-ats.", ".credentials."))
        other = client("iot", OTHER_ACCOUNT).describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
        self.assertNotEqual(other, ats[0])

    def test_logging_is_a_setting_of_the_account(self) -> None:
        other = client("iot", "555555555555")
        with self.assertRaises(other.exceptions.ClientError) as raised:
            other.get_v2_logging_options()
        self.assertEqual(raised.exception.response["Error"]["Code"], "NotConfiguredException")
        role = "arn:aws:iam::111111111111:role/logging"
        self.iot.set_v2_logging_options(roleArn=role, defaultLogLevel="WARN")
        self.iot.set_v2_logging_options(disableAllLogs=True)
        options = self.iot.get_v2_logging_options()
        self.assertEqual(
            {key: options[key] for key in ("roleArn", "defaultLogLevel", "disableAllLogs")},
            {"roleArn": role, "defaultLogLevel": "WARN", "disableAllLogs": True},
        )

    def test_a_certificate_has_the_key_of_its_request_and_is_active_when_it_is_asked_to_be(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
        csr = request.public_bytes(serialization.Encoding.PEM).decode()
        for active, status in ((False, "INACTIVE"), (True, "ACTIVE")):
            made = self.iot.create_certificate_from_csr(certificateSigningRequest=csr, setAsActive=active)
            certificate = x509.load_pem_x509_certificate(made["certificatePem"].encode())
            self.assertEqual(certificate.public_key(), key.public_key())
            found = self.iot.describe_certificate(certificateId=made["certificateId"])["certificateDescription"]
            self.assertEqual(found["status"], status)
        self.refused("InvalidRequestException", "create_certificate_from_csr", certificateSigningRequest="nonsense")

    def test_policies_and_thing_types_have_tags(self) -> None:
        tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        policy = self.iot.create_policy(policyName=self.name, policyDocument=DOCUMENT, tags=tags)["policyArn"]
        kind = self.iot.create_thing_type(thingTypeName=self.name, tags=tags)["thingTypeArn"]
        for arn in (policy, kind):
            self.assertEqual(self.iot.list_tags_for_resource(resourceArn=arn)["tags"], tags)
            self.iot.tag_resource(resourceArn=arn, tags=[{"Key": "a", "Value": "3"}])
            self.iot.untag_resource(resourceArn=arn, tagKeys=["b"])
            self.assertEqual(self.iot.list_tags_for_resource(resourceArn=arn)["tags"], [{"Key": "a", "Value": "3"}])

    def test_tags_go_with_what_they_are_on(self) -> None:
        arn = self.iot.create_policy(policyName=self.name, policyDocument=DOCUMENT, tags=[{"Key": "a", "Value": "1"}])[
            "policyArn"
        ]
        self.iot.delete_policy(policyName=self.name)
        self.refused("ResourceNotFoundException", "list_tags_for_resource", resourceArn=arn)
        self.iot.create_policy(policyName=self.name, policyDocument=DOCUMENT)
        self.assertEqual(self.iot.list_tags_for_resource(resourceArn=arn)["tags"], [])

    def test_tags_of_anything_else_are_unknown(self) -> None:
        arn = f"arn:aws:iot:us-east-1:111111111111:thinggroup/{self.name}"
        self.refused("EmulatorUnknownCall", "list_tags_for_resource", resourceArn=arn)

    def test_a_policy_has_at_most_2048_characters(self) -> None:
        def document(length: int) -> str:
            return json.dumps({"Statement": ["x" * (length - len('{"Statement":[""]}'))]}, indent=8)

        self.iot.create_policy(policyName=self.name, policyDocument=document(2048))
        self.refused(
            "MalformedPolicyException", "create_policy", policyName=f"{self.name}-2", policyDocument=document(2049)
        )
        self.refused(
            "MalformedPolicyException", "create_policy_version", policyName=self.name, policyDocument=document(2049)
        )

    def test_a_thing_type_goes_once_it_is_given_up_and_nothing_has_it(self) -> None:
        self.iot.create_thing_type(thingTypeName=self.name)
        self.iot.create_thing(thingName=self.name, thingTypeName=self.name)
        self.assertTrue({f"thing {self.name}", f"thing-type {self.name}"} <= inventory("iot").keys())
        message = self.refused("InvalidRequestException", "delete_thing_type", thingTypeName=self.name)
        self.assertIn("deprecated", message)
        self.iot.deprecate_thing_type(thingTypeName=self.name)
        self.assertIn("things", self.refused("InvalidRequestException", "delete_thing_type", thingTypeName=self.name))
        self.iot.delete_thing(thingName=self.name)
        self.iot.delete_thing_type(thingTypeName=self.name)
        self.assertFalse({f"thing {self.name}", f"thing-type {self.name}"} & inventory("iot").keys())


if __name__ == "__main__":
    unittest.main()
