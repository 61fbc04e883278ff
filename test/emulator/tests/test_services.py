"""Logs, keys, load balancers, parameters, certificates and secrets."""

from __future__ import annotations

import json
import unittest

from support import client, control, inventory, network, unique


class LogsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.logs = client("logs")
        self.name = f"/p/{unique('group')}"

    def group(self) -> dict[str, object]:
        """What DescribeLogGroups says."""
        return self.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"][0]

    def test_class_is_kept(self) -> None:
        self.logs.create_log_group(logGroupName=self.name, logGroupClass="INFREQUENT_ACCESS")
        self.assertEqual(self.group()["logGroupClass"], "INFREQUENT_ACCESS")
        other = f"{self.name}-other"
        self.logs.create_log_group(logGroupName=other)
        found = self.logs.describe_log_groups(logGroupNamePrefix=other)["logGroups"][0]
        self.assertEqual((found["logGroupClass"], found["deletionProtectionEnabled"]), ("STANDARD", False))

    def test_deletion_protection_protects_until_it_is_lowered(self) -> None:
        self.logs.create_log_group(logGroupName=self.name, deletionProtectionEnabled=True)
        self.assertIs(self.group()["deletionProtectionEnabled"], True)
        with self.assertRaises(self.logs.exceptions.ClientError) as raised:
            self.logs.delete_log_group(logGroupName=self.name)
        self.assertEqual(raised.exception.response["Error"]["Code"], "ValidationException")
        self.logs.put_log_group_deletion_protection(
            logGroupIdentifier=self.group()["logGroupArn"], deletionProtectionEnabled=False
        )
        self.logs.delete_log_group(logGroupName=self.name)
        self.assertNotIn(f"log-group {self.name}", inventory("logs"))

    def test_key_comes_and_goes(self) -> None:
        self.logs.create_log_group(logGroupName=self.name)
        self.logs.associate_kms_key(logGroupName=self.name, kmsKeyId="arn:key")
        self.assertEqual(self.group()["kmsKeyId"], "arn:key")
        self.logs.disassociate_kms_key(logGroupName=self.name)
        self.assertNotIn("kmsKeyId", self.group())
        with self.assertRaises(self.logs.exceptions.ResourceNotFoundException):
            self.logs.associate_kms_key(logGroupName="/none", kmsKeyId="arn:key")

    def test_resource_policies(self) -> None:
        name = unique("policy")
        self.logs.put_resource_policy(policyName=name, policyDocument="{}")
        self.assertIn(f"resource-policy {name}", inventory("logs"))
        self.logs.delete_resource_policy(policyName=name)
        self.assertNotIn(f"resource-policy {name}", inventory("logs"))


class KmsTest(unittest.TestCase):
    def test_rotation_period_is_kept(self) -> None:
        kms = client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        self.assertNotIn("RotationPeriodInDays", kms.get_key_rotation_status(KeyId=key))
        kms.enable_key_rotation(KeyId=key)
        self.assertEqual(kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 365)
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
        self.assertEqual(kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 180)

    def test_key_that_waits_for_deletion_is_gone(self) -> None:
        kms = client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        alias = f"alias/{unique('key')}"
        kms.create_alias(AliasName=alias, TargetKeyId=key)
        self.assertTrue({f"key {key}", f"alias {alias}"} <= inventory("kms").keys())
        kms.delete_alias(AliasName=alias)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.assertEqual([item for item in inventory("kms") if key in item or alias in item], [])


class LoadBalancerTest(unittest.TestCase):
    def test_attributes_of_provider_6_are_accepted(self) -> None:
        elb = client("elbv2")
        arn = elb.create_load_balancer(Name=unique("alb"), Subnets=network().subnets)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        asked = {
            "health_check_logs.s3.bucket": "logs",
            "health_check_logs.s3.enabled": "true",
            "health_check_logs.s3.prefix": "health",
        }
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value} for key, value in asked.items()]
        )
        read = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        self.assertEqual({a["Key"]: a["Value"] for a in read if a["Key"] in asked}, asked)
        with self.assertRaises(elb.exceptions.ClientError):
            elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "no.such", "Value": "1"}])

    def test_inventory_lists_listeners_and_rules_but_no_default_rule(self) -> None:
        elb = client("elbv2")
        balancer = elb.create_load_balancer(Name=unique("alb"), Subnets=network().subnets)["LoadBalancers"][0]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer]
        )["Listeners"][0]["ListenerArn"]
        rule = elb.create_rule(
            ListenerArn=listener,
            Priority=1,
            Actions=[answer],
            Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        )["Rules"][0]["RuleArn"]
        name = balancer["LoadBalancerName"]
        self.assertEqual(
            {item for item in inventory("elbv2") if name in item},
            {f"load-balancer {balancer['LoadBalancerArn']}", f"listener {listener}", f"listener-rule {rule}"},
        )
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        self.assertEqual([item for item in inventory("elbv2") if name in item], [])


class ParametersTest(unittest.TestCase):
    def test_of_two_who_create_a_parameter_one_succeeds(self) -> None:
        ssm = client("ssm")
        name = f"/p/{unique('lock')}"
        ssm.put_parameter(Name=name, Value="first", Type="String")
        with self.assertRaises(ssm.exceptions.ParameterAlreadyExists):
            ssm.put_parameter(Name=name, Value="second", Type="String")
        self.assertEqual(ssm.get_parameter(Name=name)["Parameter"]["Value"], "first")
        ssm.put_parameter(Name=name, Value="third", Overwrite=True)
        self.assertEqual(ssm.get_parameter(Name=name)["Parameter"]["Value"], "third")
        ssm.delete_parameter(Name=name)
        ssm.put_parameter(Name=name, Value="fourth", Type="String")

    def test_all_below_a_path_are_read_over_pages(self) -> None:
        ssm = client("ssm")
        path = f"/p/{unique('release')}"
        names = [f"{path}/environment", *(f"{path}/services/s{i:02}" for i in range(12))]
        for name in (*names, f"{path}-other/environment"):
            ssm.put_parameter(Name=name, Value="{}", Type="String")
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        self.assertEqual(sorted(p["Name"] for page in pages for p in page["Parameters"]), names)


class CertificateTest(unittest.TestCase):
    def test_key_algorithm_is_kept_and_the_certificate_is_soon_issued(self) -> None:
        acm = client("acm")
        arn = acm.request_certificate(DomainName="*.example.com", ValidationMethod="DNS", KeyAlgorithm="EC_prime256v1")[
            "CertificateArn"
        ]
        waiter = acm.get_waiter("certificate_validated")
        waiter.wait(CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
        certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertEqual(certificate["KeyAlgorithm"], "EC_prime256v1")
        self.assertEqual(certificate["DomainValidationOptions"][0]["ResourceRecord"]["Type"], "CNAME")
        self.assertIn(f"certificate {arn}", inventory("acm"))


class SecretsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.secrets = client("secretsmanager")

    def test_every_generated_password_is_known(self) -> None:
        password = self.secrets.get_random_password(PasswordLength=32, ExcludePunctuation=True)["RandomPassword"]
        self.assertRegex(password, r"^[A-Za-z0-9]{32}$")
        self.assertIn(password, control("secret-values"))

    def test_every_version_of_a_secret_is_known_and_listed(self) -> None:
        name = unique("secret")
        self.secrets.create_secret(Name=name, SecretString=json.dumps({"password": "first-value"}))
        version = self.secrets.put_secret_value(SecretId=name, SecretString="second-value")["VersionId"]
        self.secrets.create_secret(Name=f"{name}-binary", SecretBinary=b"third-value")
        values = control("secret-values")
        self.assertTrue({'{"password": "first-value"}', "second-value", "dGhpcmQtdmFsdWU="} <= set(values))
        # provider 6.26 reads write-only versions through this
        listed = self.secrets.list_secret_version_ids(SecretId=name)["Versions"]
        self.assertIn("AWSCURRENT", next(v["VersionStages"] for v in listed if v["VersionId"] == version))

    def test_secret_that_waits_for_deletion_is_gone(self) -> None:
        name = unique("secret")
        self.secrets.create_secret(Name=name, SecretString="x")
        self.assertIn(f"secret {name}", inventory("secretsmanager"))
        self.secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
        self.assertNotIn(f"secret {name}", inventory("secretsmanager"))
