import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { LoadBalancer, type LoadBalancerProps } from "../../constructs/load-balancer";
import type { Context } from "../../constructs/shared/context";
import { StubPeer } from "../support/stubs";
import { synth, type Json, type Synthesized } from "../support/synth";
import { existingNetwork, withoutHash } from "../support/tasks";

function built(
  input: Partial<Omit<LoadBalancerProps, "context" | "network">> = {},
  use: (loadBalancer: LoadBalancer, peer: StubPeer) => void = () => undefined,
  overrides: Partial<Context> = {},
): { readonly stack: Synthesized; readonly loadBalancer: LoadBalancer } {
  let loadBalancer: LoadBalancer | undefined;
  const stack = synth((scope, context) => {
    loadBalancer = new LoadBalancer(scope, "LoadBalancer", {
      context,
      network: existingNetwork,
      domain: { none: true },
      ...input,
    });
    use(loadBalancer, new StubPeer(scope, "Api"));
  }, overrides);
  return { stack, loadBalancer: loadBalancer! };
}

const domain = { name: "shop.example.com", zoneId: "Z1" } as const;
const noLogs = { none: true, because: "not what is tested here" } as const;

describe("without a domain", () => {
  const { stack, loadBalancer } = built();

  test("it stands in the public subnets and treats requests with suspicion", () => {
    expect(stack.one(Lb)).toMatchObject({
      name: "shop-test",
      internal: false,
      load_balancer_type: "application",
      subnets: existingNetwork.publicSubnetIds,
      drop_invalid_header_fields: true,
      desync_mitigation_mode: "defensive",
      idle_timeout: 120,
    });
  });

  test("it speaks plain HTTP, says so, and answers 404", () => {
    expect(stack.one(LbListener)).toMatchObject({
      port: 80,
      protocol: "HTTP",
      default_action: [{ type: "fixed-response", fixed_response: { status_code: "404", content_type: "text/plain" } }],
    });
    expect(loadBalancer.url).toMatch(/^http:\/\//);
    expect(loadBalancer.notes).toEqual(["shop-test speaks plain HTTP: give the environment a domain for HTTPS"]);
    expect(stack.has(AcmCertificate)).toBe(false);
    expect(stack.has(Route53Record)).toBe(false);
  });

  test("everyone may come in on port 80 alone, and nothing may go out", () => {
    expect(stack.one(VpcSecurityGroupIngressRule)).toMatchObject({
      cidr_ipv4: "0.0.0.0/0",
      from_port: 80,
      to_port: 80,
      ip_protocol: "tcp",
    });
    expect(stack.has(VpcSecurityGroupEgressRule)).toBe(false);
  });

  test("its access logs go to a bucket that is private, encrypted, and forgets", () => {
    expect(stack.one(S3Bucket)).toMatchObject({ bucket: "shop-test-lb-logs-123456789012" });
    expect(stack.one(S3BucketPublicAccessBlock)).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(stack.one(S3BucketOwnershipControls)["rule"]).toEqual({ object_ownership: "BucketOwnerEnforced" });
    expect(stack.one(S3BucketServerSideEncryptionConfigurationA)["rule"]).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
    ]);
    expect(stack.one(S3BucketLifecycleConfiguration)["rule"]).toEqual([
      expect.objectContaining({
        status: "Enabled",
        expiration: [{ days: 30 }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
      }),
    ]);
    const lb = stack.one(Lb);
    expect(withoutHash(lb["access_logs"].bucket)).toBe("${aws_s3_bucket.LoadBalancer_AccessLogs_Bucket.id}");
    expect(lb["access_logs"].enabled).toBe(true);
    expect((lb["depends_on"] as string[]).map(withoutHash)).toEqual([
      "aws_s3_bucket_policy.LoadBalancer_AccessLogs_Policy",
    ]);
  });

  test("only load balancers of this account write there, and nobody without TLS", () => {
    const [write, tls] = (JSON.parse(stack.one(S3BucketPolicy)["policy"]) as Json)["Statement"] as Json[];
    expect(write).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Condition: {
        ArnLike: { "aws:SourceArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/*" },
      },
    });
    expect(write!["Resource"]).toMatch(/\/AWSLogs\/123456789012\/\*$/);
    expect(tls).toMatchObject({ Effect: "Deny", Principal: "*", Action: "s3:*" });
    expect(tls!["Condition"]).toEqual({ Bool: { "aws:SecureTransport": "false" } });
    expect((tls!["Resource"] as string[]).map(withoutHash)).toEqual([
      "${aws_s3_bucket.LoadBalancer_AccessLogs_Bucket.arn}",
      "${aws_s3_bucket.LoadBalancer_AccessLogs_Bucket.arn}/*",
    ]);
  });
});

describe("with everything set", () => {
  const { stack, loadBalancer } = built({
    domain,
    hosts: ["admin.shop.example.com", "*.shop.example.com", "shop.example.com", "admin.shop.example.com"],
    accessLogs: noLogs,
    idleTimeoutSec: 300,
    allowedCidrs: ["192.0.2.0/24", "198.51.100.0/24"],
  });

  test("HTTP is sent to HTTPS, which answers 404", () => {
    expect(loadBalancer.url).toBe("https://shop.example.com");
    expect(loadBalancer.notes).toEqual([]);
    expect(stack.named(LbListener, "LoadBalancer_HttpListener")["default_action"]).toEqual([
      { type: "redirect", redirect: { port: "443", protocol: "HTTPS", status_code: "HTTP_301" } },
    ]);
    const https = stack.named(LbListener, "LoadBalancer_HttpsListener");
    expect(https).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      default_action: [{ type: "fixed-response" }],
    });
    expect(withoutHash(https["certificate_arn"])).toBe(
      "${aws_acm_certificate_validation.LoadBalancer_Certificate_Validation.certificate_arn}",
    );
  });

  test("the certificate holds all names, and is replaced before it goes", () => {
    expect(stack.one(AcmCertificate)).toMatchObject({
      domain_name: "shop.example.com",
      subject_alternative_names: ["*.shop.example.com", "admin.shop.example.com"],
      validation_method: "DNS",
      lifecycle: { create_before_destroy: true },
    });
  });

  test("each name is proven by a record that is found by name, a wildcard by that of the name under it", () => {
    const proofs = stack.all(Route53Record).filter((record) => record["type"] === "CNAME");
    const asked = proofs.map((record) => /option\.domain_name == "([^"]+)"/.exec(record["name"])?.[1]);
    expect(asked.sort()).toEqual(["*.shop.example.com", "admin.shop.example.com"]);
    for (const record of proofs) {
      expect(record["name"]).toMatch(
        /^\$\{one\(\[for option in aws_acm_certificate\.\w+\.domain_validation_options : option\.resource_record_name /,
      );
      expect(record["records"][0]).toMatch(/ : option\.resource_record_value /);
      expect(record["allow_overwrite"]).toBe(true);
    }
    expect(stack.one(AcmCertificateValidation)["validation_record_fqdns"]).toHaveLength(2);
  });

  test("each name leads to the load balancer", () => {
    const aliases = stack.all(Route53Record).filter((record) => record["type"] === "A");
    expect(aliases.map((record) => record["name"] as string).sort()).toEqual([
      "*.shop.example.com",
      "admin.shop.example.com",
      "shop.example.com",
    ]);
    for (const { alias } of aliases) {
      expect(withoutHash(alias.name)).toBe("${aws_lb.LoadBalancer.dns_name}");
      expect(alias.evaluate_target_health).toBe(true);
    }
  });

  test("only the allowed blocks come in, on both ports", () => {
    const rules = stack.all(VpcSecurityGroupIngressRule);
    expect(rules.map((rule) => [rule["cidr_ipv4"], rule["from_port"]] as const).sort()).toEqual([
      ["192.0.2.0/24", 443],
      ["192.0.2.0/24", 80],
      ["198.51.100.0/24", 443],
      ["198.51.100.0/24", 80],
    ]);
  });

  test("there is no bucket, and logging is written out as off", () => {
    expect(stack.has(S3Bucket)).toBe(false);
    expect(loadBalancer.accessLogsBucketName).toBeUndefined();
    expect(stack.one(Lb)).toMatchObject({ idle_timeout: 300, access_logs: { enabled: false } });
  });
});

test("a permanent environment keeps its load balancer and its logs, a temporary one does not", () => {
  const guards = (lifetime: Context["lifetime"]): unknown => {
    const { stack } = built({}, undefined, { lifetime });
    const lb = stack.one(Lb);
    return [lb["enable_deletion_protection"], lb["lifecycle"].prevent_destroy, stack.one(S3Bucket)["force_destroy"]];
  };
  expect(guards("permanent")).toEqual([true, true, false]);
  expect(guards("temporary")).toEqual([false, false, true]);
});

test("all problems are told at once", () => {
  expect(() => built({ idleTimeoutSec: 0, allowedCidrs: [] })).toThrow(
    [
      "test/LoadBalancer:",
      "  - idleTimeoutSec must be a whole number from 1 to 4000 seconds, got 0",
      "  - allowedCidrs must be a list of 1 to 20 IPv4 blocks, got []",
    ].join("\n"),
  );
});

describe("routes", () => {
  test.each([
    [{ path: "/" }, [{ path_pattern: { values: ["/*"] } }]],
    [{ path: "/app" }, [{ path_pattern: { values: ["/app", "/app/*"] } }]],
    [{ host: "shop.example.com", path: "/" }, [{ host_header: { values: ["shop.example.com"] } }]],
    [
      { host: "shop.example.com", path: "/app" },
      [{ host_header: { values: ["shop.example.com"] } }, { path_pattern: { values: ["/app", "/app/*"] } }],
    ],
  ])("%j asks for exactly that", (route, condition) => {
    const { stack } = built({ domain, accessLogs: noLogs }, (loadBalancer, peer) => {
      loadBalancer.addRoute(peer, { service: "api", ...route, targetGroupArn: "arn:group" });
    });
    const rule = stack.named(LbListenerRule, "Api_Route");
    expect(rule["condition"]).toEqual(condition);
    expect(rule["action"]).toEqual([{ type: "forward", target_group_arn: "arn:group" }]);
    expect(withoutHash(rule["listener_arn"])).toBe("${aws_lb_listener.LoadBalancer_HttpsListener.arn}");
  });

  test("no two have the same priority", () => {
    const { stack } = built({}, (loadBalancer, peer) => {
      loadBalancer.addRoute(peer, { service: "api", path: "/a", targetGroupArn: "arn:a" });
      loadBalancer.addRoute(new StubPeer(peer, "Other"), { service: "api", path: "/b", targetGroupArn: "arn:b" });
    });
    expect(new Set(stack.all(LbListenerRule).map((rule) => rule["priority"] as number)).size).toBe(2);
  });

  test("a host that has no record and no certificate is a mistake", () => {
    expect(() =>
      built({ domain }, (loadBalancer, peer) => {
        loadBalancer.addRoute(peer, { service: "api", host: "x.example.com", path: "/", targetGroupArn: "arn:x" });
      }),
    ).toThrow("test/LoadBalancer has no host x.example.com, which api asks for: pass it in hosts");
  });
});

test("a peer that it is allowed to gets both rules in its own scope", () => {
  const { stack } = built({}, (loadBalancer, peer) => {
    loadBalancer.allowTo(peer, 8080);
  });
  const egress = stack.named(VpcSecurityGroupEgressRule, "Api_FromLoadBalancer_Egress");
  const ingress = stack.named(VpcSecurityGroupIngressRule, "Api_FromLoadBalancer_Ingress");
  for (const rule of [egress, ingress])
    expect(rule).toMatchObject({ ip_protocol: "tcp", from_port: 8080, to_port: 8080 });
  expect(egress["security_group_id"]).toBe(ingress["referenced_security_group_id"]);
  expect(ingress["security_group_id"]).toBe(egress["referenced_security_group_id"]);
  expect(withoutHash(ingress["security_group_id"])).toBe("${aws_security_group.Api_SecurityGroup.id}");
});
