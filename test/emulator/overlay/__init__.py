"""What moto needs so that Slipway's resources apply, show no drift and go away again. One module per service."""

from __future__ import annotations

import importlib

MODULES = (
    "core",
    "acm",
    "applicationautoscaling",
    "autoscaling",
    "budgets",
    "ce",
    "chatbot",
    "cloudfront",
    "cloudwatch",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "iot",
    "kms",
    "logs",
    "mq",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sts",
)


def apply_all() -> None:
    """Applies every module, once per process."""
    for name in MODULES:
        importlib.import_module(f"overlay.{name}").apply()
