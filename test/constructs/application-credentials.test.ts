import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { ApplicationCredentials } from "../../constructs/application-credentials";
import type { DatabaseRole } from "../../constructs/shared/database-names";
import { StubPeer } from "../support/stubs";
import { synth, type Synthesized } from "../support/synth";

function define(
  rotation: number,
  onMade: (made: ApplicationCredentials, peer: StubPeer) => void = () => undefined,
  role: DatabaseRole = "app",
): Synthesized {
  return synth((stack, context) => {
    const made = new ApplicationCredentials(stack, "Credentials", {
      context,
      role,
      generation: 2,
      host: "db.example.com",
      port: 5432,
      databaseName: "app",
      rotation,
    });
    onMade(made, new StubPeer(stack, "Api"));
  });
}

const namesOf = (stack: Synthesized): string[] => stack.all(SecretsmanagerSecret).map(({ name }) => name as string);

test("the first login has one secret", () => {
  expect(namesOf(define(1))).toEqual(["/shop/test/database/app-2-1"]);
});

test("a rotation adds a secret and keeps the one before; the one before that goes", () => {
  expect(namesOf(define(2)).sort()).toEqual(["/shop/test/database/app-2-1", "/shop/test/database/app-2-2"]);
  expect(namesOf(define(3)).sort()).toEqual(["/shop/test/database/app-2-2", "/shop/test/database/app-2-3"]);
});

test("a rotation leaves the secret before as it is", () => {
  const version = (stack: Synthesized): unknown =>
    stack.named(SecretsmanagerSecretVersion, "Credentials_Rotation2_Version");
  expect(version(define(3))).toEqual(version(define(2)));
});

test("holds the login in parts and as a URL that insists on the server's certificate", () => {
  const stack = define(1);
  const [ephemeral] = Object.keys(stack.json["ephemeral"]["aws_secretsmanager_random_password"]);
  const password = `ephemeral.aws_secretsmanager_random_password.${ephemeral}.random_password`;
  expect(stack.one(SecretsmanagerSecretVersion)["secret_string_wo"]).toBe(
    `\${jsonencode({ user = "app_1", password = "\${${password}}", host = "db.example.com", port = "5432", dbname = "app", ` +
      `url = "postgresql://app_1:\${urlencode(${password})}@db.example.com:5432/app?sslmode=verify-full" })}`,
  );
});

test("each secret has a password of its own", () => {
  const passwords = define(2).json["ephemeral"]["aws_secretsmanager_random_password"] as object;
  expect(Object.keys(passwords)).toHaveLength(2);
});

test("hands out the newest login under the names that containers know", () => {
  define(4, (made) => {
    expect([made.user, made.role]).toEqual(["app_4", "app"]);
    expect(Object.keys(made.secretArnsByUser)).toEqual(["app_3", "app_4"]);
    expect(made.secretArn).toBe(made.secretArnsByUser["app_4"]);
    expect(made.secretVariables).toEqual({
      DATABASE_HOST: `${made.secretArn}:host::`,
      DATABASE_NAME: `${made.secretArn}:dbname::`,
      DATABASE_PASSWORD: `${made.secretArn}:password::`,
      DATABASE_PORT: `${made.secretArn}:port::`,
      DATABASE_URL: `${made.secretArn}:url::`,
      DATABASE_USER: `${made.secretArn}:user::`,
    });
  });
  expect.hasAssertions();
});

test("grantRead allows both logins and nothing else", () => {
  define(2, (made, peer) => {
    made.grantRead(peer);
    expect(peer.allowed).toEqual({
      ReadCredentials: {
        actions: ["secretsmanager:GetSecretValue"],
        resources: [made.secretArnsByUser["app_1"], made.secretArnsByUser["app_2"]],
      },
    });
  });
  expect.hasAssertions();
});

test("migrations have logins of their own, with secrets of their own", () => {
  const stack = define(
    2,
    ({ role, user, secretArnsByUser }) => {
      expect([role, user]).toEqual(["migrator", "migrator_2"]);
      expect(Object.keys(secretArnsByUser)).toEqual(["migrator_1", "migrator_2"]);
    },
    "migrator",
  );
  expect(namesOf(stack).sort()).toEqual(["/shop/test/database/migrator-2-1", "/shop/test/database/migrator-2-2"]);
  const newest = stack.named(SecretsmanagerSecret, "Credentials_Rotation2_Secret");
  expect(newest["description"]).toBe("Login migrator_2 of the application's migrations on database generation 2");
  const version = stack.named(SecretsmanagerSecretVersion, "Credentials_Rotation2_Version");
  expect(version["secret_string_wo"]).toContain('user = "migrator_2"');
});
