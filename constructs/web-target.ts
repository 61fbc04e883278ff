import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { LoadBalancer } from "./load-balancer";
import type { WebServiceSettings } from "./settings/fargate-service";
import type { Connectable } from "./shared/connectable";
import type { Context } from "./shared/context";
import type { NetworkLike } from "./shared/network-like";

/** Two good answers take a task in, three bad ones out: 30 and 45 seconds. */
const HEALTH_CHECK = { interval: 15, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 } as const;
/** What AWS keeps when sessions are not sticky. */
const DEFAULT_COOKIE_SEC = 86_400;
/** AWS adds 26 characters to it, and a name has 32. */
const MAX_PREFIX = 6;

export interface WebTargetProps {
  readonly context: Context;
  readonly network: NetworkLike;
  readonly loadBalancer: LoadBalancer;
  readonly serviceName: string;
  readonly settings: WebServiceSettings;
  /** Whose tasks take the requests. */
  readonly peer: Connectable;
}

/** Where the load balancer finds the tasks of a web service: target group, route, and the way through both security groups. */
export class WebTarget extends Construct {
  /** What a service must wait for: AWS refuses a target group that no listener leads to. */
  public readonly after: readonly ITerraformDependable[];
  /** How autoscaling calls the requests of this target group. */
  public readonly requestsLabel: string;
  public readonly targetGroupArn: string;

  constructor(scope: Construct, id: string, props: WebTargetProps) {
    super(scope, id);
    const { loadBalancer, serviceName, settings, peer } = props;
    const group = this.createTargetGroup(props);
    const route = loadBalancer.addRoute(this, {
      service: serviceName,
      ...settings.route,
      targetGroupArn: group.arn,
    });
    loadBalancer.allowTo(peer, settings.port);

    this.after = [route];
    this.requestsLabel = `${loadBalancer.arnSuffix}/${group.arnSuffix}`;
    this.targetGroupArn = group.arn;
  }

  private createTargetGroup({ context, network, serviceName, settings }: WebTargetProps): LbTargetGroup {
    const { stickySessionSec } = settings;
    return new LbTargetGroup(this, "TargetGroup", {
      // another port or VPC is another group: with a name of its own it stands beside the old one until the service moved over
      namePrefix: `${serviceName.slice(0, MAX_PREFIX - 1).replace(/-$/, "")}-`,
      lifecycle: { createBeforeDestroy: true },
      targetType: "ip",
      vpcId: network.vpcId,
      port: settings.port,
      protocol: "HTTP",
      deregistrationDelay: String(settings.deregistrationDelaySec),
      healthCheck: { ...HEALTH_CHECK, enabled: true, path: settings.healthCheckPath, protocol: "HTTP", matcher: "200" },
      // written out when off, too: a block that disappears leaves sessions sticky
      stickiness: {
        type: "lb_cookie",
        enabled: stickySessionSec !== undefined,
        cookieDuration: stickySessionSec ?? DEFAULT_COOKIE_SEC,
      },
      tags: { Name: `${context.name}-${serviceName}` },
    });
  }
}
