import { all, imagesArePublic, lifetimeOf, offenders, policyStatements, resources } from "./support/laws";
import { stacksOf } from "./support/build-stacks";
import { everyStack, shipped } from "./support/stacks";
import type { Json, Synthesized } from "./support/synthesized";
import { project as variantsProject, variants } from "./support/variants";

describe("encryption", () => {
  test("databases, replicas and disks are encrypted", () => {
    expect(
      offenders(
        all("aws_db_instance"),
        (db) => db["storage_encrypted"] !== true && db["replicate_source_db"] === undefined,
      ),
    ).toEqual([]);
    const templates = all("aws_launch_template").map((one) => ({
      ...one,
      disks: one.body["block_device_mappings"] as Json[],
    }));
    expect(
      templates.filter(({ disks }) => !disks.every((disk) => String(disk["ebs"]["encrypted"]) === "true")),
    ).toEqual([]);
  });

  test("every bucket is encrypted, private, owned and reached by TLS alone", () => {
    for (const stack of new Set(all("aws_s3_bucket").map(({ stack }) => stack))) {
      const ofStack = (type: string): Json[] =>
        all(type)
          .filter((one) => one.stack === stack)
          .map(({ body }) => body);
      for (const bucket of all("aws_s3_bucket").filter((one) => one.stack === stack)) {
        const reference = `\${${bucket.at.split(": ")[1]}.id}`;
        const of = (type: string): Json => {
          const body = ofStack(type).find(
            ({ bucket }) => bucket === reference || bucket === reference.replace(".id}", ".bucket}"),
          );
          if (body === undefined) throw new Error(`${bucket.at} has no ${type}`);
          return body;
        };
        expect(of("aws_s3_bucket_server_side_encryption_configuration")).toBeDefined();
        expect(of("aws_s3_bucket_ownership_controls")).toMatchObject({
          rule: { object_ownership: "BucketOwnerEnforced" },
        });
        expect(of("aws_s3_bucket_lifecycle_configuration")).toBeDefined();
        // what everybody may see is in one bucket alone, and only where the environment says so
        const mayBePublic = bucket.at.includes("Images_Storage_") && imagesArePublic(stack);
        expect(of("aws_s3_bucket_public_access_block")).toMatchObject({
          block_public_acls: true,
          block_public_policy: !mayBePublic,
          ignore_public_acls: true,
          restrict_public_buckets: !mayBePublic,
        });
        expect(JSON.stringify(of("aws_s3_bucket_policy"))).toMatch(/aws:SecureTransport/);
      }
    }
  });

  test("repositories are encrypted, scanned and immutable", () => {
    expect(
      offenders(
        all("aws_ecr_repository"),
        (r) =>
          r["image_tag_mutability"] !== "IMMUTABLE" ||
          r["image_scanning_configuration"]?.scan_on_push !== true ||
          r["encryption_configuration"]?.[0]?.encryption_type === undefined,
      ),
    ).toEqual([]);
  });

  test("databases force TLS", () => {
    expect(
      offenders(all("aws_db_parameter_group"), (group) => {
        const parameters = group["parameter"] as Json[];
        return !parameters.some(({ name, value }) => name === "rds.force_ssl" && value === "1");
      }),
    ).toEqual([]);
  });
});

describe("reach", () => {
  test("only the load balancer is open to the world", () => {
    const world = all("aws_vpc_security_group_ingress_rule").filter(
      ({ body }) => body["cidr_ipv4"] === "0.0.0.0/0" || body["cidr_ipv6"] === "::/0",
    );
    expect(world.length).toBeGreaterThan(0);
    expect(world.filter(({ at }) => !/LoadBalancer_/.test(at)).map(({ at }) => at)).toEqual([]);
    expect(
      offenders(world, ({ from_port, to_port }) => ![80, 443].includes(from_port as number) || from_port !== to_port),
    ).toEqual([]);
  });

  test("security groups carry no rules of their own, and every rule says what it is for", () => {
    expect(
      offenders(all("aws_security_group"), (group) => group["ingress"] !== undefined || group["egress"] !== undefined),
    ).toEqual([]);
    expect(
      offenders(
        all("aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"),
        ({ description }) => typeof description !== "string" || description.length < 5,
      ),
    ).toEqual([]);
  });

  test("nothing but the NAT instance may send everything everywhere", () => {
    const wide = all("aws_vpc_security_group_egress_rule").filter(
      ({ body }) => body["cidr_ipv4"] === "0.0.0.0/0" && body["ip_protocol"] === "-1",
    );
    expect(wide.every(({ at }) => /Nat/.test(at))).toBe(true);
  });

  test("the default security group is empty, and no subnet hands out public addresses by itself", () => {
    expect(
      offenders(
        all("aws_default_security_group"),
        ({ ingress, egress }) => ingress !== undefined || egress !== undefined,
      ),
    ).toEqual([]);
    expect(offenders(all("aws_subnet"), (subnet) => subnet["map_public_ip_on_launch"] === true)).toEqual([]);
  });

  test("databases are not public", () => {
    expect(offenders(all("aws_db_instance"), (db) => db["publicly_accessible"] !== false)).toEqual([]);
  });
});

describe("permissions", () => {
  const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]) as string[];

  test("no action * on resource *", () => {
    const found = policyStatements();
    expect(found.length).toBeGreaterThan(10);
    expect(
      found
        .filter(({ statement }) => statement["Effect"] === "Allow" && statement["Principal"] === undefined)
        .filter(
          ({ statement }) =>
            list(statement["Action"]).some((a) => a.endsWith("*")) && list(statement["Resource"]).includes("*"),
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
      /^(ecr:GetAuthorizationToken|ssmmessages:(Create|Open)(Control|Data)Channel|cloudwatch:(GetMetric(Data|Statistics|WidgetImage)|ListMetrics))$/;
    expect([...unscoped].filter((action) => !withoutResource.test(action))).toEqual([]);
  });

  test("every role and policy is under the IAM path of its stack, and takes the boundary when there is one", () => {
    const bounded = stacksOf({
      project: { ...variantsProject, permissionsBoundaryArn: "arn:aws:iam::444444444444:policy/boundary" },
      environments: { variants },
    });
    for (const type of ["aws_iam_role", "aws_iam_user"]) {
      const bodies = Object.values(bounded).flatMap(({ json }) =>
        Object.values((json["resource"][type] ?? {}) as Json),
      );
      expect(bodies.length).toBeGreaterThan(0);
      expect(
        bodies.every((body: Json) => body["permissions_boundary"] === "arn:aws:iam::444444444444:policy/boundary"),
      ).toBe(true);
    }
    expect(
      offenders(
        all("aws_iam_role", "aws_iam_user", "aws_iam_group"),
        (body, { stack }) => body["path"] !== `/slipway/${stack}/`,
      ),
    ).toEqual([]);
  });
});

describe("names", () => {
  test("start with project and environment, and fit the limits of AWS even when they are as long as they may be", () => {
    const longest = "a".repeat(10);
    const project = { ...variantsProject, name: "p".repeat(16), accounts: { [longest]: "444444444444" } };
    const services = Object.fromEntries(
      Object.values(variants.services).map((service, i) => [
        `${"s".repeat(19)}${String.fromCharCode(97 + i)}`,
        service,
      ]),
    );
    const stack = stacksOf({ project, environments: { [longest]: { ...variants, name: longest, services } } })[
      longest
    ]!;
    const limits: Readonly<Record<string, readonly [field: string, limit: number]>> = {
      aws_lb: ["name", 32],
      aws_lb_target_group: ["name_prefix", 6],
      aws_db_instance: ["identifier", 63],
      aws_db_subnet_group: ["name", 255],
      aws_iam_role: ["name", 64],
      aws_iam_instance_profile: ["name", 128],
      aws_scheduler_schedule: ["name", 64],
      aws_scheduler_schedule_group: ["name", 64],
      aws_ecs_cluster: ["name", 255],
      aws_ecs_service: ["name", 255],
      aws_security_group: ["name", 255],
      aws_sqs_queue: ["name", 80],
      aws_s3_bucket: ["bucket", 63],
      aws_iam_user: ["name", 64],
      aws_iam_group: ["name", 64],
      aws_cloudfront_origin_access_control: ["name", 64],
      aws_mq_broker: ["broker_name", 50],
      aws_sns_topic: ["name", 256],
      aws_cloudwatch_metric_alarm: ["alarm_name", 255],
    };
    let seen = 0;
    for (const [type, [field, limit]] of Object.entries(limits)) {
      for (const [id, body] of Object.entries((stack.json["resource"][type] ?? {}) as Json)) {
        const name = (body as Json)[field] as string | undefined;
        if (name === undefined) continue;
        seen += 1;
        if (field !== "name_prefix") expect(name).toMatch(/^p{16}-a{10}/);
        expect(`${type}.${id}: ${name.length <= limit ? "fits" : `${name} is longer than ${limit}`}`).toBe(
          `${type}.${id}: fits`,
        );
      }
    }
    expect(seen).toBeGreaterThan(15);
  });
});

describe("retention and tags", () => {
  test("every log group has a retention", () => {
    expect(
      offenders(all("aws_cloudwatch_log_group"), (group) => typeof group["retention_in_days"] !== "number"),
    ).toEqual([]);
  });

  test("every stack tags everything with project, environment, stack and who manages it", () => {
    for (const [name, stack] of Object.entries(everyStack)) {
      const [provider] = stack.json["provider"]["aws"] as Json[];
      expect(provider!["default_tags"]).toEqual([
        { tags: { project: "slipway", environment: name, stack: name, "managed-by": "terraform" } },
      ]);
    }
    // instances and disks are made by the auto scaling group, out of the provider's reach
    for (const { body } of all("aws_launch_template")) {
      const specifications = body["tag_specifications"] as Json[];
      expect(specifications.map((s) => s["resource_type"])).toEqual(expect.arrayContaining(["instance", "volume"]));
      for (const s of specifications)
        expect(s["tags"]).toMatchObject({ project: "slipway", "managed-by": "terraform" });
    }
  });
});

describe("lifetime", () => {
  const guards: Readonly<Record<string, (body: Json) => Json>> = {
    aws_db_instance: (db) => ({
      deletion_protection: db["deletion_protection"],
      final: db["skip_final_snapshot"] === false,
    }),
    aws_lb: (lb) => ({ deletion_protection: lb["enable_deletion_protection"] }),
    aws_s3_bucket: (bucket) => ({ kept: bucket["force_destroy"] === false }),
    aws_ecr_repository: (repository) => ({ kept: repository["force_delete"] === false }),
    aws_iam_user: (user) => ({ kept: user["force_destroy"] === false }),
    aws_secretsmanager_secret: (secret) => ({ recoverable: secret["recovery_window_in_days"] >= 7 }),
  };

  test.each(Object.keys(guards))("%s is guarded in permanent environments and in no temporary one", (type) => {
    for (const { at, stack, body } of all(type)) {
      const up = lifetimeOf(stack) === "permanent";
      // a replica holds nothing of its own: its guards follow the primary's lifetime, but it leaves no snapshot
      if (body["replicate_source_db"] !== undefined) continue;
      expect({ at, ...guards[type]!(body) }).toEqual({
        at,
        ...Object.fromEntries(Object.keys(guards[type]!(body)).map((key) => [key, up])),
      });
    }
  });

  test.each(["aws_cloudfront_distribution", "aws_db_instance", "aws_ecr_repository", "aws_mq_broker", "aws_vpc"])(
    "%s has prevent_destroy where it is permanent",
    (type) => {
      for (const { at, stack, body } of all(type)) {
        expect({ at, guard: body["lifecycle"]?.prevent_destroy ?? false }).toEqual({
          at,
          guard: lifetimeOf(stack) === "permanent",
        });
      }
    },
  );

  test("one run can lower the guards of a permanent environment", () => {
    const lowered = stacksOf(
      { project: variantsProject, environments: { variants: { ...variants, lifetime: "permanent" } } },
      { lifetime: "temporary" },
    );
    expect(JSON.stringify(lowered["variants"]!.json["resource"])).not.toMatch(
      /"prevent_destroy": ?true|"(enable_)?deletion_protection": ?true/,
    );
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

test("addresses are what they were: a changed line is a replaced resource", () => {
  const addresses = Object.fromEntries(
    Object.entries(everyStack).map(([name, stack]: [string, Synthesized]) => [name, stack.addresses()]),
  );
  expect(addresses).toMatchSnapshot();
});

test("the shipped stacks are one per environment, and the registry", () => {
  expect(Object.keys(shipped).sort()).toEqual(["dev", "prod", "registry", "stage"]);
});

test("everything that a stack refers to is in it", () => {
  for (const [name, { json }] of Object.entries(everyStack)) {
    const has = (part: unknown, [type = "", id = ""]: readonly string[]): boolean =>
      ((part as Json | undefined)?.[type] as Json | undefined)?.[id] !== undefined;
    const found = [
      ...JSON.stringify(json).matchAll(/(?:(data|ephemeral)\.)?\b((?:aws|terraform)_\w+)\.([A-Z]\w+_[0-9A-F]{8})\b/g),
    ];
    expect(found.length).toBeGreaterThan(name === "registry" ? 0 : 100);
    const missing = found.filter(([, kind = "resource", type = "", id = ""]) => !has(json[kind], [type, id]));
    expect(missing.map(([reference]) => `${name}: ${reference}`)).toEqual([]);
    expect(json).not.toHaveProperty("data.terraform_remote_state");
  }
});
