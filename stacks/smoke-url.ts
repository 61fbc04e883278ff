import type { WebServiceSettings } from "../constructs/settings/fargate-service";

/**
 * Where a release looks whether the environment answers: the health check of a service that requests for it come to, one that is
 * reached under every host before one that is not. None, where no health check is reached from outside.
 */
export function smokeUrlOf(
  services: readonly Pick<WebServiceSettings, "healthCheckPath" | "route">[],
  loadBalancerUrl: string,
): string | undefined {
  const reached = services.flatMap(({ route, healthCheckPath }) => {
    const { host, path } = route;
    if (host?.startsWith("*.") === true) return [];
    if (path !== "/" && healthCheckPath !== path && !healthCheckPath.startsWith(`${path}/`)) return [];
    return [{ host, url: `${host === undefined ? loadBalancerUrl : `https://${host}`}${healthCheckPath}` }];
  });
  return (reached.find(({ host }) => host === undefined) ?? reached[0])?.url;
}
