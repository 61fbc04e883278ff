"""EC2: NAT gateways, NAT instances and the launch templates behind them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.ec2.exceptions import InvalidPermissionNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.instances import Instance
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import random_private_ip

from overlay.patching import wrap

FCK_NAT_OWNER = "568608671756"
FCK_NAT_RELEASE = "20250901"
FCK_NAT_IMAGES = {
    "arm64": "ami-0f0c0a7a75e1fc1a0",
    "x86_64": "ami-0f0c0a7a75e1fc1a1",
}

# moto's description of an interface that it made for an instance
PRIMARY_INTERFACE = "Primary network interface"


def apply() -> None:
    """Applies all patches of this module."""
    patch_nat_gateways()
    patch_images()
    patch_launch_templates()
    patch_endpoints()
    patch_security_group_rules()
    patch_instances()


def patch_nat_gateways() -> None:
    """Answers the mode that provider 6.24 switches on, and releases what a deleted gateway held."""
    NatGateway.availability_mode = "zonal"

    @wrap(NatGatewayBackend, "delete_nat_gateway")
    def delete_nat_gateway(original: Any, self: Any, nat_gateway_id: str) -> NatGateway:
        gateway = original(self, nat_gateway_id)
        for address in gateway.address_set:
            if address.get("associationId"):
                self.disassociate_address(association_id=address["associationId"])
        if gateway._eni.id in self.enis:
            self.delete_network_interface(gateway._eni.id)
        return gateway


def patch_images() -> None:
    """Knows the fck-nat images, which moto's list does not hold."""

    @wrap(AmiBackend, "_load_amis")
    def load_amis(original: Any, self: Any) -> None:
        original(self)
        for architecture, image_id in FCK_NAT_IMAGES.items():
            self.amis[image_id] = fck_nat_image(self, architecture, image_id)


def fck_nat_image(backend: Any, architecture: str, image_id: str) -> Ami:
    """One image as the project publishes it."""
    name = f"fck-nat-al2023-hvm-1.4.0-{FCK_NAT_RELEASE}-{architecture}-ebs"
    return Ami(
        backend,
        image_id,
        name=name,
        description="fck-nat: a NAT instance image",
        owner_id=FCK_NAT_OWNER,
        public=True,
        virtualization_type="hvm",
        architecture=architecture,
        creation_date=datetime(2025, 9, 1, tzinfo=UTC),
        image_location=f"{FCK_NAT_OWNER}/{name}",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
        region_name=f"{backend.region_name}a",
    )


def patch_launch_templates() -> None:
    """Keeps the template's own tags out of the template's data, where moto copies them, and answers changed tags."""
    LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, tags: None)

    @wrap(LaunchTemplates, "create_launch_template")
    def create_launch_template(original: Any, self: Any) -> Any:
        result = original(self)
        template = self.ec2_backend.get_launch_template(result.result["LaunchTemplate"]["LaunchTemplateId"])
        drop_own_tags(template.versions[0].data)
        return result


def drop_own_tags(data: dict[str, Any]) -> None:
    """Removes the specification that moto appended for the template itself."""
    specifications = [s for s in data.get("TagSpecifications", []) if s["ResourceType"] != "launch-template"]
    data.pop("TagSpecifications", None)
    if specifications:
        data["TagSpecifications"] = specifications


def patch_endpoints() -> None:
    """An endpoint without a type is a gateway, and route tables and subnets may come and go."""

    @wrap(VPCEndPoint, "__init__")
    def create_endpoint(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.vpc_endpoint_type = self.vpc_endpoint_type or "Gateway"

    @wrap(VPCEndPoint, "modify")
    def modify_endpoint(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        tables, subnets = set(self.route_table_ids or []), set(self.subnet_ids or [])
        original(self, *args, **kwargs)
        if self.vpc_endpoint_type == "Gateway":
            move_routes(self, tables, set(self.route_table_ids))
        else:
            move_interfaces(self, subnets, set(self.subnet_ids))


def move_routes(endpoint: VPCEndPoint, before: set[str], after: set[str]) -> None:
    """Puts the endpoint's route into the added tables and takes it out of the removed ones."""
    prefix_list = endpoint.destination_prefix_list_id
    if not prefix_list:
        return
    for table in after - before:
        endpoint.ec2_backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
    for table in before - after:
        endpoint.ec2_backend.delete_route(table, prefix_list)


def move_interfaces(endpoint: VPCEndPoint, before: set[str], after: set[str]) -> None:
    """Adds an interface in each added subnet and deletes those of the removed ones."""
    backend = endpoint.ec2_backend
    for subnet in sorted(after - before):
        interface = backend.create_network_interface(
            backend.get_subnet(subnet), random_private_ip(), description=f"VPC Endpoint Interface {endpoint.id}"
        )
        endpoint.network_interface_ids.append(interface.id)
    for interface_id in list(endpoint.network_interface_ids):
        interface = backend.enis.get(interface_id)
        if interface is not None and interface.subnet.id in before - after:
            backend.delete_network_interface(interface_id)
            endpoint.network_interface_ids.remove(interface_id)


def patch_security_group_rules() -> None:
    """A rule keeps its description whatever it refers to, and one for all protocols has no ports, also when it is changed."""

    @property
    def description(self: Any) -> str | None:
        return self.ip_range.get("Description") or self.source_group.get("Description")

    SecurityGroupRule.description = description

    @wrap(SecurityGroupBackend, "modify_security_group_rules")
    def modify_security_group_rules(original: Any, self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        portless = {rule_id for rule_id, rule in rules.items() if rule.get("IpProtocol") == "-1"}
        with_ports = {
            rule_id: {**rule, "FromPort": -1, "ToPort": -1} if rule_id in portless else rule
            for rule_id, rule in rules.items()
        }
        original(self, group_id, with_ports)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id in portless:
            rule = group.get_rule(rule_id)
            rule.from_port = rule.to_port = None

    for operation in ("revoke_security_group_ingress", "revoke_security_group_egress"):

        @wrap(SecurityGroupBackend, operation)
        def revoke(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
            """Says of a rule that is gone what AWS says; Terraform, which asks twice when an answer is late, knows that."""
            try:
                original(self, *args, **kwargs)
            except InvalidPermissionNotFoundError as error:
                rule_ids = kwargs.get("security_rule_ids")
                raise InvalidSecurityGroupRuleIdNotFoundError(rule_ids[0]) if rule_ids else error from None


def patch_instances() -> None:
    """The interface that an instance was started with goes with the instance."""

    @wrap(Instance, "terminate")
    def terminate(original: Any, self: Any) -> Any:
        result = original(self)
        for interface in list(self.nics.values()):
            if interface.description == PRIMARY_INTERFACE and interface.id in self.ec2_backend.enis:
                self.ec2_backend.delete_network_interface(interface.id)
        return result
