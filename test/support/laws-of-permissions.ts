import type { LawSubject } from "./laws";

/** What holds for every policy, and for every secret. */
export function lawsOfPermissions(subject: LawSubject): void {
  const { project, resources } = subject;
  const { all, moreThan, offenders, policyStatements } = subject;

  describe("permissions", () => {
    const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]) as string[];

    test("no action * on resource *", () => {
      const found = policyStatements();
      moreThan(10, found);
      expect(
        found
          .filter(({ statement }) => statement["Effect"] === "Allow" && statement["Principal"] === undefined)
          .filter(
            ({ statement }) =>
              // a description shows no value; everything else is named
              list(statement["Action"]).some((a) => a.endsWith("*") && !/^[a-z0-9-]+:(Describe|List)\*$/.test(a)) &&
              list(statement["Resource"]).includes("*"),
          ),
      ).toEqual([]);
    });

    test("resource * only for actions that AWS gives no resource", () => {
      const unscoped = new Set(
        policyStatements()
          .filter(
            ({ statement }) =>
              statement["Effect"] === "Allow" &&
              statement["Principal"] === undefined &&
              list(statement["Resource"]).includes("*"),
          )
          .flatMap(({ statement }) => (statement["Condition"] === undefined ? list(statement["Action"]) : [])),
      );
      const withoutResource =
        /^(ecr:GetAuthorizationToken|iam:ListVirtualMFADevices|ssmmessages:(Create|Open)(Control|Data)Channel|cloudwatch:(GetMetric(Data|Statistics|WidgetImage)|ListMetrics))$/;
      expect([...unscoped].filter((action) => !withoutResource.test(action))).toEqual([]);
    });

    test("every role, user and group is under the IAM path of its stack", () => {
      expect(
        offenders(
          all("aws_iam_role", "aws_iam_user", "aws_iam_group"),
          (body, { stack }) => body["path"] !== `/${project}/${stack}/`,
        ),
      ).toEqual([]);
    });
  });

  describe("secrets", () => {
    test("no password or secret value is an argument that ends up in the state", () => {
      const inState = /^(password|master_password|secret_string|value|auth_token)$/;
      const holders = resources.flatMap(({ at, type, body }) =>
        Object.keys(body)
          .filter((key) => inState.test(key) && type !== "aws_ssm_parameter")
          .map((key) => `${at}.${key}`),
      );
      expect(holders).toEqual([]);
      expect(all("aws_secretsmanager_secret_version").every(({ body }) => body["secret_string_wo"] !== undefined)).toBe(
        true,
      );
    });

    test("the release contract holds no value of a secret, and each parameter fits the standard tier", () => {
      for (const { at, body } of all("aws_ssm_parameter")) {
        // references grow to ARNs of at most 200 characters or so
        const longest = String(body["value"]).replace(/\$\{[^}]+\}/g, "x".repeat(140)).length;
        expect(`${at}: ${longest < 4096 ? "fits" : longest}`).toBe(`${at}: fits`);
        expect(body["type"]).toBe("String");
      }
    });
  });
}
