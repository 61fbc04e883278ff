"""EC2, load balancing, DNS and delivery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from overlay.route53 import existing_zones


def ec2(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Networks, addresses, instances, disks and templates."""
    default_vpcs = {vpc.id for vpc in backend.vpcs.values() if vpc.is_default}
    yield from (("vpc", vpc.id, None) for vpc in backend.vpcs.values() if not vpc.is_default)
    for subnets in backend.subnets.values():
        yield from (("subnet", s.id, None) for s in subnets.values() if s.vpc_id not in default_vpcs)
    yield from (("internet-gateway", gateway, None) for gateway in backend.internet_gateways)
    yield from (("egress-only-internet-gateway", gateway, None) for gateway in backend.egress_only_internet_gateways)
    yield from (("route-table", t.id, None) for t in backend.route_tables.values() if not t.main_association_id)
    yield from (("network-acl", acl.id, None) for acl in backend.network_acls.values() if not acl.default)
    for groups in backend.groups.values():
        yield from (("security-group", g.id, g.name) for g in groups.values() if g.name != "default")
    yield from (("nat-gateway", n.id, n.state) for n in backend.nat_gateways.values() if n.state != "deleted")
    yield from (("elastic-ip", address.allocation_id, None) for address in backend.addresses)
    yield from (("network-interface", eni.id, eni.status) for eni in backend.enis.values())
    yield from (("flow-log", flow_log, None) for flow_log in backend.flow_logs)
    yield from (("vpc-endpoint", e.id, e.state) for e in backend.vpc_end_points.values() if e.state != "deleted")
    yield from (("vpc-peering", p.id, p._status.code) for p in backend.vpc_pcxs.values() if p._status.code != "deleted")
    yield from (("dhcp-options", options, None) for options in backend.dhcp_options_sets)
    yield from (("launch-template", template, None) for template in backend.launch_templates)
    yield from (("key-pair", name, None) for name in backend.key_pairs)
    yield from (
        ("prefix-list", p.id, None)
        for p in backend.managed_prefix_lists.values()
        if p.owner_id == backend.account_id
        and p.state != "delete-complete"
        and not p.prefix_list_name.startswith("com.amazonaws.")
    )
    for reservation in backend.reservations.values():
        yield from (("instance", i.id, i.state) for i in reservation.instances if i.state != "terminated")
    yield from (("volume", volume.id, volume.status) for volume in backend.volumes.values())
    yield from (("snapshot", s.id, s.status) for s in backend.snapshots.values() if s.from_ami not in backend.amis)
    yield from (("image", ami.id, ami.state) for ami in backend.amis.values() if ami.owner_id == backend.account_id)


def elbv2(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Load balancers with their listeners and rules, and target groups."""
    for balancer in backend.load_balancers.values():
        yield "load-balancer", balancer.arn, balancer.state
        for listener in balancer.listeners.values():
            yield "listener", listener.arn, None
            for rule in listener.rules.values():
                if not getattr(rule, "is_default", False):
                    yield "listener-rule", rule.arn, None
    yield from (("target-group", group.arn, None) for group in backend.target_groups.values())


def elb(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Classic load balancers, which share their host name with the others."""
    yield from (("classic-load-balancer", name, None) for name in backend.load_balancers)


def route53(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Zones that were made here, and in every zone the records that AWS did not make itself."""
    for zone in backend.zones.values():
        identifier = zone.id.removeprefix("/hostedzone/")
        if identifier not in existing_zones():
            yield "hosted-zone", identifier, zone.name
        apex = zone.name.rstrip(".")
        for record in zone.rrsets:
            made_by_aws = record.name.rstrip(".") == apex and record.type in ("NS", "SOA")
            if not made_by_aws:
                yield "record", f"{record.name} {record.type}", zone.name
    yield from (("health-check", check, None) for check in backend.health_checks)


def cloudfront(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Distributions and what they refer to."""
    yield from (("distribution", d.id, None) for d in backend.distributions.values())
    yield from (("origin-access-control", control, None) for control in backend.origin_access_controls)
    yield from (("public-key", key, None) for key in backend.public_keys)
    yield from (("key-group", group, None) for group in backend.key_groups)


def wafv2(backend: Any) -> Iterator[tuple[str, str, str | None]]:
    """Web access control lists and their parts."""
    yield from (("web-acl", acl, None) for acl in backend.wacls)
    yield from (("ip-set", ip_set, None) for ip_set in backend.ip_sets)
    yield from (("rule-group", group, None) for group in backend.rule_groups)
    yield from (("regex-pattern-set", pattern_set, None) for pattern_set in backend.regex_pattern_sets)


LISTERS = {"cloudfront": cloudfront, "ec2": ec2, "elb": elb, "elbv2": elbv2, "route53": route53, "wafv2": wafv2}
