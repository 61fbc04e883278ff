import { environmentSchema } from "../../environments/environment";
import type { LawSubject } from "./laws";
import type { Json } from "./synthesized";

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]) as string[];

/** What holds for images, brokers and alerts. */
export function lawsOfParts(subject: LawSubject): void {
  const { environments, resources, stacks } = subject;
  const { all, moreThan, offenders, policyStatements } = subject;

  describe("images", () => {
    test("no key, no console and no policy of a user of its own is in the state", () => {
      const held = /^aws_iam_(access_key|user_login_profile|user_policy|user_policy_attachment)$/;
      moreThan(0, all("aws_iam_user"));
      expect(resources.filter(({ type }) => held.test(type)).map(({ at }) => at)).toEqual([]);
    });

    test("everybody may read objects below the prefix, and nothing else of anything", () => {
      const open = policyStatements().filter(
        ({ statement }) =>
          statement["Effect"] === "Allow" &&
          [JSON.stringify(statement["Principal"]), statement["Principal"]].some(
            (p) => p === "*" || p === '{"AWS":"*"}',
          ),
      );
      moreThan(0, open);
      for (const { at, statement } of open) {
        expect(at).toMatch(/aws_s3_bucket_policy\.Images_Access_/);
        expect(list(statement["Action"])).toEqual(["s3:GetObject"]);
        for (const resource of list(statement["Resource"])) expect(resource).toMatch(/\/images\/\*$/);
      }
    });

    test("the CDN speaks HTTPS, signs what it asks the bucket, and makes nobody wait", () => {
      expect(
        offenders(all("aws_cloudfront_distribution"), (distribution) => {
          const [behaviour] = [distribution["default_cache_behavior"]].flat() as Json[];
          const origins = [distribution["origin"]].flat() as Json[];
          return (
            behaviour!["viewer_protocol_policy"] !== "redirect-to-https" ||
            behaviour!["compress"] !== true ||
            origins.some((origin) => origin["origin_access_control_id"] === undefined) ||
            distribution["wait_for_deployment"] !== false
          );
        }),
      ).toEqual([]);
    });
  });

  describe("services of AWS in policies", () => {
    test("act for this account alone, but for EventBridge, which takes no conditions", () => {
      const services = policyStatements().filter(
        ({ at, statement }) =>
          !at.endsWith("assume_role_policy") &&
          (statement["Principal"] as Json | undefined)?.["Service"] !== "events.amazonaws.com" &&
          statement["Effect"] === "Allow" &&
          (statement["Principal"] as Json | undefined)?.["Service"] !== undefined,
      );
      moreThan(5, services);
      expect(
        services
          .filter(({ statement }) => !/"aws:Source(Arn|Account)"/i.test(JSON.stringify(statement["Condition"] ?? {})))
          .map(({ at, statement }) => `${at} ${String(statement["Sid"])}`),
      ).toEqual([]);
    });
  });

  describe("broker", () => {
    test("stands in the private network, and patches itself", () => {
      expect(
        offenders(
          all("aws_mq_broker"),
          (broker) =>
            broker["publicly_accessible"] !== false ||
            broker["auto_minor_version_upgrade"] !== true ||
            (broker["security_groups"] as unknown[]).length !== 1,
        ),
      ).toEqual([]);
    });

    test("the one user in its state is nobody", () => {
      for (const { body } of all("aws_mq_broker")) {
        expect(body["user"]).toEqual([
          { username: "bootstrap", password: expect.stringMatching(/^\$\{terraform_data\.[A-Za-z0-9_]+\.id\}$/) },
        ]);
        expect(body["lifecycle"]["ignore_changes"]).toContain("user");
      }
    });

    test("no IoT policy allows everything of anything", () => {
      const statements = policyStatements().filter(({ at }) => at.includes("aws_iot_policy"));
      moreThan(3, statements);
      for (const { statement } of statements) {
        for (const action of list(statement["Action"])) expect(action).toMatch(/^iot:[A-Z][a-zA-Z]+$/);
        for (const resource of list(statement["Resource"]))
          expect(resource).toMatch(/\{iot:Connection\.Thing\.ThingName\}/);
      }
    });
  });

  describe("alerts", () => {
    test("topics are encrypted with a key that alarms may use", () => {
      expect(
        offenders(all("aws_sns_topic"), (topic) => !String(topic["kms_master_key_id"]).includes("aws_kms_key.")),
      ).toEqual([]);
    });

    test("topics take nothing without TLS, and no address gets alerts in plain text", () => {
      expect(
        offenders(
          all("aws_sns_topic_policy"),
          ({ policy }) => !String(policy).includes('"aws:SecureTransport":"false"'),
        ),
      ).toEqual([]);
      expect(
        offenders(all("aws_sns_topic_subscription"), ({ protocol }) => !["email", "https"].includes(String(protocol))),
      ).toEqual([]);
    });

    test("every key rotates", () => {
      expect(offenders(all("aws_kms_key"), (key) => key["enable_key_rotation"] !== true)).toEqual([]);
    });

    test("every alarm tells somebody when it starts, and says what to read", () => {
      expect(
        offenders(
          all("aws_cloudwatch_metric_alarm"),
          (alarm) =>
            list(alarm["alarm_actions"]).length !== 1 ||
            !String(list(alarm["alarm_actions"])[0]).includes("aws_sns_topic") ||
            !/docs\/alarms\.md#[a-z0-9-]+/.test(String(alarm["alarm_description"])),
        ),
      ).toEqual([]);
    });

    test("alarms of liveness alone start silent, and Terraform leaves them as a release put them", () => {
      const silent = all("aws_cloudwatch_metric_alarm").filter(({ body }) => body["actions_enabled"] === false);
      moreThan(0, silent);
      expect(
        offenders(silent, (alarm) => !list(alarm["lifecycle"]?.ignore_changes).includes("actions_enabled")),
      ).toEqual([]);
    });

    test("what can fail has an alarm", () => {
      const watched: Readonly<Record<string, RegExp>> = {
        aws_cloudfront_distribution: /"DistributionId"/,
        aws_db_instance: /"DBInstanceIdentifier"/,
        aws_ecs_service: /"ServiceName"/,
        aws_lb: /"LoadBalancer"/,
        aws_lb_target_group: /"TargetGroup"/,
        aws_mq_broker: /"Broker"/,
        aws_nat_gateway: /"NatGatewayId"/,
        aws_sqs_queue: /"QueueName"/,
      };
      for (const [stack, { json }] of Object.entries(stacks)) {
        const alarms = JSON.stringify(json["resource"]["aws_cloudwatch_metric_alarm"] ?? {});
        for (const [type, metric] of Object.entries(watched)) {
          if (json["resource"][type] === undefined) continue;
          expect(`${stack}: ${type} ${metric.test(alarms) ? "is watched" : "is not"}`).toBe(
            `${stack}: ${type} is watched`,
          );
        }
      }
    });

    test("every environment has its budget, and its dashboard", () => {
      const amounts = Object.fromEntries(
        all("aws_budgets_budget").map(({ stack, body }) => [stack, Number(body["limit_amount"])]),
      );
      expect(amounts).toEqual(
        Object.fromEntries(
          environments.map((environment) => {
            const { name, monthlyBudgetUsd } = environmentSchema.parse(environment);
            return [name, monthlyBudgetUsd];
          }),
        ),
      );
      expect(all("aws_cloudwatch_dashboard").map(({ stack }) => stack)).toEqual(Object.keys(amounts));
    });
  });
}
