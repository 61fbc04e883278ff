import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { NAT_GROUP_METRIC, natInstanceAlarms } from "./alarms/nat-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import { NatInstanceProfile } from "./nat-instance-profile";
import type { Context } from "./shared/context";
import { exceptFromScan } from "./shared/scan-exception";

/** Account that publishes fck-nat. https://fck-nat.dev */
const IMAGE_OWNER = "568608671756";
/** Disk of the instance, which holds the image and logs: $0.64 a month (us-east-1, 2026-11). */
const VOLUME_GIB = 8;

export interface NatInstanceProps {
  readonly context: Context;
  /** Default: no alarms. */
  readonly monitoring?: Monitoring | undefined;
  readonly vpcId: string;
  /** Public subnet that the instance lives in; its zone carries the egress of all zones. */
  readonly subnetId: string;
  /** Block that may send through it: the private subnets'. */
  readonly fromCidr: string;
  /** EC2 instance type; its family decides the architecture of the image. */
  readonly instanceType: string;
  /** What its way to the internet needs: the route of its subnet. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * A NAT of one small instance, replaced by itself when it dies: an auto scaling group of exactly one starts the newest fck-nat
 * image, which takes over a network interface that stays (the routes point to it) and a public address that stays. Replacing
 * it means 1 to 2 minutes without egress; that also happens at the first deploy after a new image came out, which is how the
 * instance is patched. Nobody can log in.
 */
export class NatInstance extends Construct {
  /** Public addresses that outbound traffic comes from. */
  public readonly addresses: readonly string[];
  /** Target of the private subnets' default routes. */
  public readonly networkInterfaceId: string;
  /** The running instance: a route that waits for it leads somewhere, and holds it until the route leads elsewhere. */
  public readonly running: ITerraformDependable;

  constructor(scope: Construct, id: string, props: NatInstanceProps) {
    super(scope, id);
    const name = `${props.context.name}-nat`;
    const { group, rules } = this.createSecurityGroup(name, props);
    const inside = new NetworkInterface(this, "NetworkInterface", {
      subnetId: props.subnetId,
      description: "Stays when the NAT instance is replaced",
      securityGroups: [group.id],
      // traffic that passes through is neither from nor to this interface
      sourceDestCheck: false,
      tags: { Name: name },
    });
    const address = new Eip(this, "Address", { domain: "vpc", tags: { Name: name } });
    exceptFromScan(address, "CKV2_AWS_19", "the NAT instance takes it over itself when it starts, also the next one");
    const profile = new NatInstanceProfile(this, "Profile", {
      context: props.context,
      name,
      networkInterfaceArn: inside.arn,
      addressArn: address.arn,
    });
    const template = this.createTemplate(name, props, {
      profileArn: profile.arn,
      securityGroupId: group.id,
      userData: userData(inside.id, address.allocationId),
    });
    // it asks EC2 for its interface once it is up: by then it must be allowed to, and reach it
    const instances = this.createGroup(name, props, template, [...props.after, ...rules, profile.policy]);
    watchAll(this, props.monitoring, natInstanceAlarms(instances.name));

    this.addresses = [address.publicIp];
    this.networkInterfaceId = inside.id;
    this.running = instances;
  }

  private createSecurityGroup(name: string, { vpcId, fromCidr }: NatInstanceProps) {
    const group = new SecurityGroup(this, "SecurityGroup", {
      name,
      description: "NAT instance of the private subnets",
      vpcId,
      tags: { Name: name },
    });
    const ingress = new VpcSecurityGroupIngressRule(this, "FromPrivateSubnets", {
      securityGroupId: group.id,
      description: "Whatever the private subnets send to the internet",
      ipProtocol: "-1",
      cidrIpv4: fromCidr,
    });
    // what may leave is decided by the group of the task that sends; a NAT that decided again would break them silently
    const egress = new VpcSecurityGroupEgressRule(this, "ToInternet", {
      securityGroupId: group.id,
      description: "On behalf of the private subnets, whose own groups decide what leaves",
      ipProtocol: "-1",
      cidrIpv4: "0.0.0.0/0",
    });
    return { group, rules: [ingress, egress] };
  }

  private createTemplate(
    name: string,
    { context, instanceType }: NatInstanceProps,
    parts: { readonly profileArn: string; readonly securityGroupId: string; readonly userData: string },
  ): LaunchTemplate {
    const architecture = architectureOf(instanceType);
    const image = new DataAwsAmi(this, "Image", {
      owners: [IMAGE_OWNER],
      mostRecent: true,
      filter: [
        { name: "name", values: [`fck-nat-al2023-*-${architecture}-*`] },
        { name: "architecture", values: [architecture] },
      ],
    });
    // the provider's default tags do not reach what the auto scaling group makes
    const tags = { ...context.tags, Name: name };
    const template = new LaunchTemplate(this, "LaunchTemplate", {
      name,
      imageId: image.id,
      instanceType,
      updateDefaultVersion: true,
      iamInstanceProfile: { arn: parts.profileArn },
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { encrypted: "true", deleteOnTermination: "true", volumeSize: VOLUME_GIB, volumeType: "gp3" },
        },
      ],
      networkInterfaces: [
        {
          // until it holds its lasting address it needs another one, to ask EC2 for it
          associatePublicIpAddress: "true",
          deleteOnTermination: "true",
          deviceIndex: 0,
          securityGroups: [parts.securityGroupId],
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
      userData: parts.userData,
      tags: { Name: name },
    });
    exceptFromScan(
      template,
      "CKV_AWS_88",
      "it is the way out of the private subnets; its group lets nothing in but what they send",
    );
    return template;
  }

  private createGroup(
    name: string,
    { context, subnetId }: NatInstanceProps,
    template: LaunchTemplate,
    after: readonly ITerraformDependable[],
  ): AutoscalingGroup {
    return new AutoscalingGroup(this, "AutoScalingGroup", {
      name,
      minSize: 1,
      maxSize: 1,
      desiredCapacity: 1,
      vpcZoneIdentifier: [subnetId],
      healthCheckType: "EC2",
      healthCheckGracePeriod: 60,
      enabledMetrics: [NAT_GROUP_METRIC],
      launchTemplate: { id: template.id, version: template.getStringAttribute("latest_version") },
      instanceRefresh: {
        strategy: "Rolling",
        // the old one must let go of the interface before the new one can take it
        preferences: { minHealthyPercentage: 0, instanceWarmup: "60" },
      },
      // the launch template tags what is launched
      tag: Object.entries({ ...context.tags, Name: name }).map(([key, value]) => ({
        key,
        value,
        propagateAtLaunch: false,
      })),
      dependsOn: [...after],
      // it goes only after the routes lead elsewhere
      lifecycle: { createBeforeDestroy: true },
    });
  }
}

/** Processor of an instance type, as images name it: Graviton families carry a `g` behind their number. */
export function architectureOf(instanceType: string): "arm64" | "x86_64" {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType) ? "arm64" : "x86_64";
}

/**
 * What fck-nat reads at start: the interface that traffic arrives on, and the address that it leaves from.
 * https://fck-nat.dev/stable/features/#high-availability-mode
 */
function userData(networkInterfaceId: string, allocationId: string): string {
  // `\\n` and no line break, ids apart from the text: cdktf puts both into the expression as they are
  return Fn.base64encode(
    Fn.join("", [
      "#!/bin/sh\\necho eni_id=",
      networkInterfaceId,
      " > /etc/fck-nat.conf\\necho eip_id=",
      allocationId,
      " >> /etc/fck-nat.conf\\nsystemctl restart fck-nat\\n",
    ]),
  );
}
