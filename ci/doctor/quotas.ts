import type { QuotaCode } from "../aws/quotas";
import type { NetworkCount } from "../aws/regions";
import { type Finding, right, wrong } from "./finding";
import type { Needs } from "./needs";

// https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
const codes = {
  networks: { service: "vpc", code: "L-F678F1CE" },
  addresses: { service: "ec2", code: "L-0263D0A3" },
  onDemandVcpus: { service: "fargate", code: "L-3032A538" },
  spotVcpus: { service: "fargate", code: "L-36FBB829" },
} as const satisfies Readonly<Record<keyof Needs, QuotaCode>>;

const names: Readonly<Record<keyof Needs, string>> = {
  networks: "VPCs",
  addresses: "Elastic IP addresses",
  onDemandVcpus: "Fargate on-demand vCPUs",
  spotVcpus: "Fargate Spot vCPUs",
};

export interface QuotaQuestion {
  readonly needs: Needs;
  readonly region: string;
  readonly quotas: { valueOf(code: QuotaCode): Promise<number | undefined> };
  /** What is in use; what runs on Fargate nobody counts. */
  readonly inUse: Readonly<Partial<Record<keyof Needs, NetworkCount>>>;
}

/** Whether the account may have what the environment needs, beside what is there already. */
export async function lookAtQuotas({ needs, region, quotas, inUse }: QuotaQuestion): Promise<readonly Finding[]> {
  const wanted = (Object.keys(codes) as (keyof Needs)[]).filter((what) => needs[what] > 0);
  return Promise.all(
    wanted.map(async (what) => {
      const { service, code } = codes[what];
      const quota = await quotas.valueOf(codes[what]);
      const topic = `quota of ${names[what]}`;
      const others = (inUse[what]?.all ?? 0) - (inUse[what]?.own ?? 0);
      const total = others + needs[what];
      const beside = others === 0 ? "" : `, beside ${others} in use`;
      if (quota === undefined) return { topic, state: "unknown", says: "AWS does not say how many there may be" };
      return total <= quota
        ? right(topic, `${quota}, and ${needs[what]} are needed${beside}`)
        : wrong(
            topic,
            `${quota}, and up to ${needs[what]} are needed${beside}`,
            `ask for more: aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${total} --region ${region}`,
          );
    }),
  );
}
