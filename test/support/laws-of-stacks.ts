import { isBootstrap, type LawSubject } from "./laws";
import type { Json } from "./synthesized";

/** What holds for whatever is reached, kept, tagged and guarded. */
export function lawsOfStacks(subject: LawSubject): void {
  const { project, stacks } = subject;
  const { all, imagesArePublic, lifetimeOf, moreThan, offenders } = subject;

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
      moreThan(0, world);
      expect(world.filter(({ at }) => !/LoadBalancer_/.test(at)).map(({ at }) => at)).toEqual([]);
      expect(
        offenders(world, ({ from_port, to_port }) => ![80, 443].includes(from_port as number) || from_port !== to_port),
      ).toEqual([]);
    });

    test("security groups carry no rules of their own, and every rule says what it is for", () => {
      expect(
        offenders(
          all("aws_security_group"),
          (group) => group["ingress"] !== undefined || group["egress"] !== undefined,
        ),
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

  describe("retention and tags", () => {
    test("every log group has a retention", () => {
      expect(
        offenders(all("aws_cloudwatch_log_group"), (group) => typeof group["retention_in_days"] !== "number"),
      ).toEqual([]);
    });

    test("every stack tags everything with project, environment, stack and who manages it", () => {
      for (const [name, stack] of Object.entries(stacks)) {
        const [provider] = stack.json["provider"]["aws"] as Json[];
        expect(provider!["default_tags"]).toEqual([
          { tags: { project, environment: name, stack: name, "managed-by": "terraform" } },
        ]);
      }
      // instances and disks are made by the auto scaling group, out of the provider's reach
      for (const { body } of all("aws_launch_template")) {
        const specifications = body["tag_specifications"] as Json[];
        expect(specifications.map((s) => s["resource_type"])).toEqual(expect.arrayContaining(["instance", "volume"]));
        for (const s of specifications) expect(s["tags"]).toMatchObject({ project, "managed-by": "terraform" });
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
  });

  test("everything that a stack refers to is in it", () => {
    for (const [name, { json }] of Object.entries(stacks)) {
      const has = (part: unknown, [type = "", id = ""]: readonly string[]): boolean =>
        ((part as Json | undefined)?.[type] as Json | undefined)?.[id] !== undefined;
      const found = [
        ...JSON.stringify(json).matchAll(/(?:(data|ephemeral)\.)?\b((?:aws|terraform)_\w+)\.([A-Z]\w+_[0-9A-F]{8})\b/g),
      ];
      moreThan(name === "registry" ? 0 : isBootstrap(name) ? 10 : 100, found);
      const missing = found.filter(([, kind = "resource", type = "", id = ""]) => !has(json[kind], [type, id]));
      expect(missing.map(([reference]) => `${name}: ${reference}`)).toEqual([]);
      expect(json).not.toHaveProperty("data.terraform_remote_state");
    }
  });
}
