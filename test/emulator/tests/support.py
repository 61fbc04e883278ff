"""One emulator for the whole suite, and SDK clients that talk to it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

SERVER = Path(__file__).resolve().parent.parent / "server.py"
ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
REGION = "us-east-1"
EXISTING_ZONE_ID = "Z0123456789EXISTING"
EXISTING_ZONE_NAME = "existing.example"


class Emulator:
    """A running server."""

    def __init__(self, *arguments: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Path(self.folder.name) / "clock"
        self.passed = 0.0
        self.pass_time(0)
        environment = {
            **os.environ,
            "EMULATOR_ECS_CLOCK": str(self.clock),
            "EMULATOR_HOSTED_ZONES": f"{EXISTING_ZONE_ID}={EXISTING_ZONE_NAME}",
            "MOTO_ACCOUNT_ID": ACCOUNT,
        }
        self.ready_file = Path(self.folder.name) / "ready.json"
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), "--port", "0", "--ready-file", str(self.ready_file), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.port: int = self.ready["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def pass_time(self, seconds: float) -> None:
        """Lets time go by for tasks and deployments of ECS, for which it stands still otherwise."""
        self.passed += seconds
        self.clock.write_text(str(self.passed), encoding="utf-8")

    def stop(self) -> int:
        """Ends the server with SIGTERM and returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        finally:
            self.process.stdout.close()
            self.process.stderr.close()
            self.folder.cleanup()


@cache
def emulator() -> Emulator:
    """The suite's server, started with the first test that needs it."""
    running = Emulator()
    atexit.register(running.stop)
    return running


def pass_time(seconds: float) -> None:
    """The same for the suite's server."""
    emulator().pass_time(seconds)


def client(service: str, account: str = ACCOUNT, **settings: Any) -> Any:
    """An SDK client that acts in `account` and never retries."""
    return boto3.client(
        service,
        region_name=settings.pop("region", REGION),
        endpoint_url=settings.pop("endpoint_url", emulator().url),
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, **settings),
    )


def control(path: str) -> Any:
    """The JSON answer of a control path."""
    try:
        with urllib.request.urlopen(f"{emulator().url}/_slipway/{path}") as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(error.read().decode()) from error


def inventory(service: str, account: str = ACCOUNT) -> dict[str, str | None]:
    """Type and id of everything of one service, with the state."""
    return {
        f"{entry['type']} {entry['id']}": entry.get("state")
        for entry in control("inventory")
        if entry["service"] == service and entry.get("account", account) == account
    }


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


INDEX = "application/vnd.oci.image.index.v1+json"


def index_manifest(annotations: dict[str, str] | None = None) -> str:
    """The manifest of an image for two platforms; no other is equal."""
    manifests = [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": f"sha256:{uuid.uuid4().hex * 2}",
            "size": 500,
            "platform": {"os": "linux", "architecture": architecture},
        }
        for architecture in ("amd64", "arm64")
    ]
    return json.dumps(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": annotations or {}}
    )


def push(repository: str, tag: str, annotations: dict[str, str] | None = None) -> str:
    """Puts an image into a repository, which is made when there is none; gives the name by which tasks pull it."""
    ecr = client("ecr")
    try:
        ecr.create_repository(repositoryName=repository, imageTagMutability="IMMUTABLE")
    except ecr.exceptions.RepositoryAlreadyExistsException:
        pass
    image = ecr.put_image(
        repositoryName=repository,
        imageManifest=index_manifest(annotations),
        imageManifestMediaType=INDEX,
        imageTag=tag,
    )["image"]
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{repository}@{image['imageId']['imageDigest']}"


class Network:
    """A VPC with two subnets and a security group."""

    def __init__(self) -> None:
        ec2 = client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for i, zone in enumerate("ab")
        ]
        self.security_group = ec2.create_security_group(VpcId=self.vpc, GroupName=unique("group"), Description="test")[
            "GroupId"
        ]


@cache
def network() -> Network:
    """The suite's network."""
    return Network()
