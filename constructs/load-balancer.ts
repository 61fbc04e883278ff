import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Annotations, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { AccessLogBucket } from "./access-log-bucket";
import { loadBalancerAlarms } from "./alarms/load-balancer-alarms";
import { watchAll } from "./alarms/watch-all";
import { Certificate } from "./certificate";
import type { Monitoring } from "./monitoring";
import { loadBalancerSettings, type LoadBalancerInput, type LoadBalancerSettings } from "./settings/load-balancer";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import { priorityOf, type Route } from "./shared/listener-priority";
import type { NetworkLike } from "./shared/network-like";
import { settingsOf } from "./shared/problems";
import { protectionOf } from "./shared/protection";
import { exceptAllFromScan, exceptFromScan } from "./shared/scan-exception";

/** TLS 1.3, and 1.2 with forward secrecy. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

const EVERYBODY = "0.0.0.0/0";

/** Why there is no HTTPS. */
const PLAIN =
  "the environment has no domain, and without one there is no certificate: set domain and project.publicZone";

const NOT_FOUND = {
  type: "fixed-response",
  fixedResponse: { contentType: "text/plain", messageBody: "not found", statusCode: "404" },
} as const;

const TO_HTTPS = {
  type: "redirect",
  redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" },
} as const;

/** The name that a load balancer answers to and the zone that it is in, or none. */
export type LoadBalancerDomain = { readonly none: true } | { readonly name: string; readonly zoneId: string };

export type LoadBalancerProps = LoadBalancerInput & {
  readonly context: Context;
  readonly network: NetworkLike;
  readonly domain: LoadBalancerDomain;
  /** Who learns that it fails. Default: nobody, no alarms. */
  readonly monitoring?: Monitoring | undefined;
  /** Hosts of routes: each that is not the domain itself gets a record and a place in the certificate. Default: none. */
  readonly hosts?: readonly string[];
};

/** A service's claim on requests. */
export interface RouteTarget extends Route {
  /** Name of the service; it decides where among its like the rule stands. */
  readonly service: string;
  readonly targetGroupArn: string;
}

/**
 * The one way in from the internet. With a domain: HTTPS, and plain HTTP is sent there; without one: plain HTTP. It answers 404
 * to whatever no route takes, and reaches nothing until `allowTo` is called.
 */
export class LoadBalancer extends Construct implements Connectable {
  /** Bucket of the access logs, if there are any. */
  public readonly accessLogsBucketName: string | undefined;
  /** How metrics call it. */
  public readonly arnSuffix: string;
  public readonly dnsName: string;
  /** Listener that routes are on: HTTPS with a domain, else HTTP. */
  public readonly listenerArn: string;
  /** What a person should know about it, one sentence each. */
  public readonly notes: readonly string[];
  public readonly securityGroupId: string;
  public readonly url: string;
  /** Hosted zone of `dnsName`, for alias records. */
  public readonly zoneId: string;

  private readonly hosts: ReadonlySet<string>;
  private readonly priorities = new Set<number>();

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { context, network, domain, monitoring, hosts = [], ...input } = props;
    const settings = settingsOf(this, loadBalancerSettings, input);
    const names = "none" in domain ? [] : [...new Set([domain.name, ...[...hosts].sort()])];
    const group = this.createSecurityGroup(context, network, settings, names.length > 0 ? [80, 443] : [80]);
    const logs = this.createAccessLogs(context, settings);
    const balancer = this.createBalancer(context, network, settings, domain, group, logs);

    this.accessLogsBucketName = logs?.bucketName;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.hosts = new Set(names);
    this.listenerArn = this.createListeners(balancer, domain, names);
    this.notes = "none" in domain ? [`${context.name} speaks plain HTTP: give the environment a domain for HTTPS`] : [];
    this.securityGroupId = group.id;
    this.url = "none" in domain ? `http://${balancer.dnsName}` : `https://${domain.name}`;
    this.zoneId = balancer.zoneId;
    watchAll(this, monitoring, loadBalancerAlarms({ arnSuffix: balancer.arnSuffix }));
    for (const note of this.notes) Annotations.of(this).addInfo(note);
  }

  /** Send requests to a target group. The rule belongs to `scope`, and goes with it. */
  public addRoute(scope: Construct, { service, host, path, targetGroupArn }: RouteTarget): ITerraformDependable {
    if (host !== undefined && !this.hosts.has(host)) {
      throw new Error(`${this.node.path} has no host ${host}, which ${service} asks for: pass it in hosts`);
    }
    const priority = priorityOf(service, { host, path }, this.priorities);
    this.priorities.add(priority);
    return new LbListenerRule(scope, "Route", {
      listenerArn: this.listenerArn,
      priority,
      condition: [
        ...(host === undefined ? [] : [{ hostHeader: { values: [host] } }]),
        ...(path === "/" && host !== undefined ? [] : [{ pathPattern: { values: patternsOf(path) } }]),
      ],
      action: [{ type: "forward", targetGroupArn }],
      // a domain that is turned on or off moves the rules to another listener: they stand there before they go here
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** Let requests through to a peer, in both groups. The rules belong to the peer, and go with it. */
  public allowTo(peer: Connectable, port: number): void {
    const scope = new Construct(peer, "FromLoadBalancer");
    const rule = { ipProtocol: "tcp", fromPort: port, toPort: port } as const;
    new VpcSecurityGroupEgressRule(scope, "Egress", {
      ...rule,
      securityGroupId: this.securityGroupId,
      referencedSecurityGroupId: peer.securityGroupId,
      description: `requests and health checks to ${peer.node.id}`,
    });
    new VpcSecurityGroupIngressRule(scope, "Ingress", {
      ...rule,
      securityGroupId: peer.securityGroupId,
      referencedSecurityGroupId: this.securityGroupId,
      description: "requests and health checks of the load balancer",
    });
  }

  private createSecurityGroup(
    context: Context,
    { vpcId }: NetworkLike,
    { allowedCidrs }: LoadBalancerSettings,
    ports: readonly number[],
  ): SecurityGroup {
    const name = `${context.name}-load-balancer`;
    const group = new SecurityGroup(this, "SecurityGroup", {
      name,
      vpcId,
      description: "The load balancer of the environment",
      tags: { Name: name },
    });
    for (const port of ports) {
      const scope = new Construct(this, port === 443 ? "Https" : "Http");
      for (const cidrIpv4 of allowedCidrs) {
        const rule = new VpcSecurityGroupIngressRule(scope, cidrIpv4, {
          securityGroupId: group.id,
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: port === 443 ? "HTTPS from clients" : "HTTP from clients",
        });
        if (port === 80 && cidrIpv4 === EVERYBODY) {
          exceptFromScan(rule, "CKV_AWS_260", "the one door of the environment: with a domain, port 80 leads to HTTPS");
        }
      }
    }
    return group;
  }

  private createAccessLogs(context: Context, { accessLogs }: LoadBalancerSettings): AccessLogBucket | undefined {
    if ("none" in accessLogs) return undefined;
    return new AccessLogBucket(this, "AccessLogs", { context, retentionDays: accessLogs.retentionDays });
  }

  private createBalancer(
    context: Context,
    { publicSubnetIds }: NetworkLike,
    { accessLogs, idleTimeoutSec }: LoadBalancerSettings,
    domain: LoadBalancerDomain,
    group: SecurityGroup,
    logs: AccessLogBucket | undefined,
  ): Lb {
    const { protect } = protectionOf(context);
    const balancer = new Lb(this, "LoadBalancer", {
      name: context.name,
      loadBalancerType: "application",
      internal: false,
      subnets: [...publicSubnetIds],
      securityGroups: [group.id],
      idleTimeout: idleTimeoutSec,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: protect,
      // written out when off, too: a block that disappears leaves logging as it was
      accessLogs: logs === undefined ? { bucket: "", enabled: false } : { bucket: logs.bucketName, enabled: true },
      dependsOn: [...(logs?.after ?? [])],
      // others point at its DNS name
      lifecycle: { preventDestroy: protect },
    });
    exceptAllFromScan(balancer, {
      CKV2_AWS_28:
        "a firewall is paid by the month and by the request, and rules that nobody watches turn customers away: attach one when there is somebody",
      ...(protect ? {} : { CKV_AWS_150: "goes with its temporary environment" }),
      ...("none" in accessLogs ? { CKV_AWS_91: `loadBalancer.accessLogs is none: ${accessLogs.because}` } : {}),
      ...("none" in domain ? { CKV2_AWS_20: PLAIN } : {}),
    });
    return balancer;
  }

  private createListeners(balancer: Lb, domain: LoadBalancerDomain, names: readonly string[]): string {
    const plain = { loadBalancerArn: balancer.arn, port: 80, protocol: "HTTP" } as const;
    if ("none" in domain) {
      const listener = new LbListener(this, "HttpListener", { ...plain, defaultAction: [NOT_FOUND] });
      exceptAllFromScan(listener, { CKV_AWS_2: PLAIN, CKV_AWS_103: PLAIN });
      return listener.arn;
    }

    this.createRecords(balancer, domain.zoneId, names);
    const { arn: certificateArn } = new Certificate(this, "Certificate", {
      domainName: domain.name,
      hosts: names.filter((name) => name !== domain.name),
      zoneId: domain.zoneId,
    });
    const https = new LbListener(this, "HttpsListener", {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: TLS_POLICY,
      certificateArn,
      defaultAction: [NOT_FOUND],
    });
    // nobody is sent to HTTPS before there is a certificate, which may take as long as the zone's delegation
    new LbListener(this, "HttpListener", { ...plain, defaultAction: [TO_HTTPS], dependsOn: [https] });
    return https.arn;
  }

  private createRecords(balancer: Lb, zoneId: string, names: readonly string[]): void {
    const records = new Construct(this, "Records");
    for (const name of names) {
      new Route53Record(records, name, {
        zoneId,
        name,
        type: "A",
        alias: { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true },
      });
    }
  }
}

/** A prefix is a path itself and everything below it: `/app` is not the start of `/apple`. */
function patternsOf(path: string): string[] {
  return path === "/" ? ["/*"] : [path, `${path}/*`];
}
