"""Logs, keys, load balancers, scaling, registries, certificates and secrets."""

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


class ApplicationAutoScalingTest(unittest.TestCase):
    def setUp(self) -> None:
        ecs = client("ecs")
        self.scaling = client("application-autoscaling")
        cluster = unique("cluster")
        ecs.create_cluster(clusterName=cluster)
        task_definition = ecs.register_task_definition(
            family=unique("family"), cpu="256", memory="512", containerDefinitions=[{"name": "app", "image": "x"}]
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster=cluster, serviceName="web", taskDefinition=task_definition, desiredCount=1)
        self.service = f"service/{cluster}/web"
        self.target = {
            "ServiceNamespace": "ecs",
            "ResourceId": self.service,
            "ScalableDimension": "ecs:service:DesiredCount",
        }

    def register(self, **settings: dict[str, str]) -> str:
        """Registers the service as a target."""
        return self.scaling.register_scalable_target(**self.target, MinCapacity=1, MaxCapacity=2, **settings)[
            "ScalableTargetARN"
        ]

    def test_tags_of_a_target(self) -> None:
        arn = self.register(Tags={"project": "p"})
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"project": "p"})
        self.scaling.tag_resource(ResourceARN=arn, Tags={"stack": "dev"})
        self.scaling.untag_resource(ResourceARN=arn, TagKeys=["project"])
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"stack": "dev"})
        self.assertIn(f"scalable-target {self.service}", inventory("applicationautoscaling"))
        self.scaling.deregister_scalable_target(**self.target)
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=self.register())["Tags"], {})

    def put_policy(self, target_value: int) -> dict[str, object]:
        """A target-tracking policy on CPU."""
        metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
        return self.scaling.put_scaling_policy(
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": target_value,
                "PredefinedMetricSpecification": metric,
            },
            **self.target,
        )

    def alarms(self) -> list[str]:
        """The alarms of the service."""
        return [item for item in inventory("cloudwatch") if self.service in item]

    def test_changed_policy_keeps_its_arn_and_leaves_no_alarms_behind(self) -> None:
        self.register()
        first, second = self.put_policy(60), self.put_policy(70)
        self.assertEqual(first["PolicyARN"], second["PolicyARN"])
        self.assertEqual(len(self.alarms()), 2)
        self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        self.assertEqual(self.alarms(), [])

    def test_target_takes_policies_alarms_and_actions_along(self) -> None:
        self.register()
        self.put_policy(60)
        self.scaling.put_scheduled_action(
            ScheduledActionName="night",
            Schedule="cron(0 20 * * ? *)",
            ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
            **self.target,
        )
        self.assertEqual(
            len([i for i, state in inventory("applicationautoscaling").items() if state == self.service]), 2
        )
        self.scaling.deregister_scalable_target(**self.target)
        left = inventory("applicationautoscaling")
        self.assertEqual([i for i, state in left.items() if self.service in (state or i)], [])
        self.assertEqual(self.alarms(), [])

    def test_what_is_deleted_twice_is_not_found(self) -> None:
        self.register()
        self.put_policy(60)
        self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        self.scaling.deregister_scalable_target(**self.target)
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.deregister_scalable_target(**self.target)


class RegistryTest(unittest.TestCase):
    def test_scanning_is_turned_off_by_an_empty_configuration(self) -> None:
        ecr = client("ecr")
        name = unique("repository")
        ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})
        ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration={})
        repository = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
        self.assertEqual(repository["imageScanningConfiguration"], {"scanOnPush": False})


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
