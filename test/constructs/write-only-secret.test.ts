import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { WriteOnlySecret } from "../../constructs/write-only-secret";
import type { Context } from "../../constructs/shared/context";
import { synth, type Synthesized } from "../support/synth";

const define = (
  overrides: Partial<Context> = {},
  onSecret: (secret: WriteOnlySecret) => void = () => undefined,
): Synthesized =>
  synth((stack, context) => {
    onSecret(
      new WriteOnlySecret(stack, "Token", {
        context,
        name: "mailer/token",
        description: "Token of the mailer",
        version: 3,
        value: (password) => ({ user: "mailer", token: `\${${password}}` }),
      }),
    );
  }, overrides);

test("the value is a write-only argument made from one ephemeral password", () => {
  const { json } = define();
  const passwords = json["ephemeral"]["aws_secretsmanager_random_password"];
  const [name] = Object.keys(passwords);
  expect(passwords).toEqual({ [name!]: { password_length: 32, exclude_punctuation: true } });
  const [version] = Object.values<Record<string, unknown>>(json["resource"]["aws_secretsmanager_secret_version"]);
  expect(version!["secret_string_wo"]).toBe(
    `\${jsonencode({ user = "mailer", token = "\${ephemeral.aws_secretsmanager_random_password.${name}.random_password}" })}`,
  );
  expect(version!["secret_string_wo_version"]).toBe(3);
  expect(version!["secret_string"]).toBeUndefined();
});

test("it stands below the environment's path", () => {
  expect(define().one(SecretsmanagerSecret)).toMatchObject({
    name: "/shop/test/mailer/token",
    description: "Token of the mailer",
  });
});

test.each([
  ["temporary", 0],
  ["permanent", 7],
] as const)("a %s environment can bring it back for %d days", (lifetime, days) => {
  expect(define({ lifetime }).one(SecretsmanagerSecret)["recovery_window_in_days"]).toBe(days);
});

test("what it holds is read back only after this run wrote it, and by no plan", () => {
  let stored = "";
  const stack = define({}, (secret) => {
    stored = secret.stored("token");
    expect(secret.stored("token")).toBe(stored);
  });
  const [[name, read]] = Object.entries<Record<string, unknown>>(
    stack.json["ephemeral"]["aws_secretsmanager_secret_version"],
  ) as [[string, Record<string, unknown>]];
  const [version] = Object.keys(stack.json["resource"]["aws_secretsmanager_secret_version"]);
  expect(stored).toBe(`\${jsondecode(ephemeral.aws_secretsmanager_secret_version.${name}.secret_string)["token"]}`);
  expect(read).toEqual({
    secret_id: `\${aws_secretsmanager_secret_version.${version}.secret_id}`,
    version_id: `\${(timestamp() == "never") ? "" : aws_secretsmanager_secret_version.${version}.version_id}`,
  });
  expect(stack.all(SecretsmanagerSecretVersion)).toHaveLength(1);
});
