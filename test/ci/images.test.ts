import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { type ImagesKeyOptions, imagesKeyCommand, imagesUploadCommand } from "../../ci/commands/images";
import { exitCodes } from "../../ci/exit-codes";
import { Hidden } from "../../ci/hidden";
import { contentTypeOf } from "../../ci/images/formats";
import { maxBytes, readImages } from "../../ci/images/image-file";
import { objectKey } from "../../ci/images/object-key";
import { cacheControl, uploadFiles } from "../../ci/images/upload";
import type { NewObject } from "../../ci/aws/objects";
import { Report } from "../../ci/report";
import { parseConfiguration } from "../../environments/checks";
import { FakeAws } from "./support/fake-aws";
import { type Circumstances, type Ran, runCommand } from "./support/run-command";

// the SDK's word on the version of Node, on stderr, is not what is tested
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const account = "123456789012";
const declined = { none: true, because: "this is a test" } as const;
const environment = {
  lifetime: "temporary",
  production: false,
  domain: declined,
  services: {},
  images: { access: "public" },
  mqtt: declined,
  monthlyBudgetUsd: 50,
  migrations: declined,
} as const;
const configuration = parseConfiguration(
  {
    name: "shop",
    region: "eu-west-1",
    accounts: { dev: account, bare: account },
    registry: { account, region: "eu-west-1" },
    publicZone: { none: true },
    repositories: ["app"],
    alerts: { emails: ["a@example.com"] },
    stateBucket: { none: true },
    pipelines: { none: true, because: "pipelines are tested elsewhere" },
  },
  {
    dev: { ...environment, name: "dev", network: { cidr: "10.1.0.0/16", nat: { kind: "single" } } },
    bare: { ...environment, name: "bare", images: declined, network: { cidr: "10.2.0.0/16", nat: { kind: "single" } } },
  },
);
const images = {
  version: 1,
  bucket: "shop-dev-images",
  region: "eu-west-1",
  prefix: "images",
  baseUrl: "https://images.example.com",
  uploader: "shop-dev-images-uploader",
  keySecret: "/shop/dev/images/uploader-key",
};

const png = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");
const jpeg = Buffer.from("\xff\xd8\xff\xe0rest", "latin1");
const webp = Buffer.from("RIFF....WEBPVP8 ", "latin1");

let folder: string;
let aws: FakeAws;
beforeAll(async () => {
  aws = await FakeAws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-images-"));
  aws.reset();
  aws.accountIs(account);
  aws.answer("GetParameter", () => ({ Parameter: { Value: JSON.stringify(images) } }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Buffer | string): string {
  writeFileSync(path.join(folder, name), content);
  return name;
}

function circumstances(rest: Partial<Circumstances> = {}): Circumstances {
  const env = { AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  return { configuration, root: "/nowhere", ...rest, env: { ...env, INIT_CWD: folder, ...rest.env } };
}

function upload(files: readonly string[], { json = false, to = "dev" } = {}): Promise<Ran> {
  return runCommand(
    (session) => imagesUploadCommand(session, { environment: to, files, json }),
    circumstances({ json }),
  );
}

function key(options: Partial<ImagesKeyOptions> = {}, rest: Partial<Circumstances> = {}): Promise<Ran> {
  const all = { environment: "dev", rotate: false, revoke: false, force: false, yes: false, json: false, ...options };
  return runCommand((session) => imagesKeyCommand(session, all), circumstances({ json: all.json, ...rest }));
}

describe("the key of an object", () => {
  const hash = Buffer.from("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "hex");
  const hashed = "00112233445566778899aabbccddeeff";

  test.each([
    ["hero.png", `images/hero-${hashed}.png`],
    ["/a/b/Été à Paris (1).JPG", `images/ete-a-paris-1-${hashed}.jpg`],
    ["../../etc/x.webp", `images/x-${hashed}.webp`],
    ["写真.png", `images/image-${hashed}.png`],
    [`${"long ".repeat(30)}.gif`, `images/${"long-".repeat(12).slice(0, -1)}-${hashed}.gif`],
    ["a.b.png", `images/a-b-${hashed}.png`],
  ])("of %s is %s", (name, expected) => {
    expect(objectKey("images", name, hash)).toBe(expected);
  });
});

describe("a format", () => {
  test.each([
    ["png", png, "image/png"],
    ["jpg", jpeg, "image/jpeg"],
    ["jpeg", jpeg, "image/jpeg"],
    ["webp", webp, "image/webp"],
    ["gif", Buffer.from("GIF89a.."), "image/gif"],
    ["avif", Buffer.from("\0\0\0\x1cftypavif", "latin1"), "image/avif"],
    ["ico", Buffer.from([0, 0, 1, 0, 1]), "image/vnd.microsoft.icon"],
    ["bmp", Buffer.from("BM......"), "image/bmp"],
    ["apng", png, "image/apng"],
  ])("%s is taken", (extension, head, type) => {
    expect(contentTypeOf(extension, head)).toEqual({ type });
  });

  test.each([
    ["svg", Buffer.from("<svg xmlns"), /^may hold scripts.*convert it to webp or png/],
    ["html", Buffer.from("<html>"), /^is not an image that browsers show: name avif, webp/],
    ["htm", png, /^is not an image that browsers show/],
    ["xml", png, /^is not an image that browsers show/],
    ["heic", Buffer.from("\0\0\0\x1cftypheic", "latin1"), /^is not an image that browsers show/],
    ["", png, /^is not an image that browsers show/],
    ["png", jpeg, /^begins like image\/jpeg and is called .png: give it the right extension$/],
    ["png", Buffer.from("<script>alert(1)"), /^does not begin like image\/png: export it again$/],
  ])("%s is refused", (extension, head, problem) => {
    expect(contentTypeOf(extension, head)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

describe("the upload of files", () => {
  const silent = Report.to({ stderr: { write: () => true }, stdout: { write: () => true } });

  /** A bucket in memory. */
  function bucketWith(
    present: readonly string[] = [],
    failing = "",
  ): {
    readonly stored: NewObject[];
    readonly asked: string[];
    mostAtOnce: number;
    readonly objects: Parameters<typeof uploadFiles>[1]["objects"];
  } {
    let open = 0;
    const bucket = {
      stored: [] as NewObject[],
      asked: [] as string[],
      mostAtOnce: 0,
      objects: {
        has: async (wanted: string) => {
          bucket.asked.push(wanted);
          open += 1;
          bucket.mostAtOnce = Math.max(bucket.mostAtOnce, open);
          await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
          return present.some((name) => wanted.startsWith(`images/${name}-`));
        },
        putNew: (object: NewObject) => {
          if (failing !== "" && object.key.includes(failing)) return Promise.reject(new Error("SlowDown: too much"));
          bucket.stored.push(object);
          return Promise.resolve(true);
        },
      },
    };
    return bucket;
  }
  const interrupts = { interrupted: false, race: <T>(work: Promise<T>): Promise<T> => work };

  test("stores what is not there under its hash, for a year, and skips the rest", async () => {
    const { files, problems } = await readImages([file("new.png", png), file("old.jpg", jpeg)], folder);
    expect(problems).toEqual([]);
    const bucket = bucketWith(["old"]);
    const uploaded = await uploadFiles(files, { images, objects: bucket.objects, report: silent, interrupts });
    expect(uploaded.map(({ file: name, status }) => [name, status])).toEqual([
      ["new.png", "uploaded"],
      ["old.jpg", "present"],
    ]);
    expect(uploaded[0]?.url).toMatch(/^https:\/\/images\.example\.com\/images\/new-[0-9a-f]{32}\.png$/);
    expect(bucket.stored).toHaveLength(1);
    expect(bucket.stored[0]).toMatchObject({
      contentType: "image/png",
      cacheControl: "public,max-age=31536000,immutable",
      body: png,
    });
    expect(cacheControl).toBe(bucket.stored[0]?.cacheControl);
  });

  test("uploads a file that is named twice once, and at most four at a time", async () => {
    const names = Array.from({ length: 12 }, (_, index) =>
      file(`${index}.png`, Buffer.concat([png, Buffer.from([index])])),
    );
    const { files } = await readImages([...names, "0.png"], folder);
    const bucket = bucketWith();
    const uploaded = await uploadFiles(files, { images, objects: bucket.objects, report: silent, interrupts });
    expect(uploaded).toHaveLength(13);
    expect(uploaded[12]).toEqual(uploaded[0]);
    expect(bucket.stored).toHaveLength(12);
    expect(bucket.mostAtOnce).toBe(4);
  });

  test("goes on when one fails", async () => {
    const { files } = await readImages([file("a.png", png), file("bad.png", png), file("c.png", png)], folder);
    const bucket = bucketWith([], "bad");
    const uploaded = await uploadFiles(files, { images, objects: bucket.objects, report: silent, interrupts });
    expect(uploaded.map(({ status, error }) => [status, error])).toEqual([
      ["uploaded", undefined],
      ["failed", "SlowDown: too much"],
      ["uploaded", undefined],
    ]);
  });

  test("does not store what has become something else in the meantime", async () => {
    const { files } = await readImages([file("a.png", png)], folder);
    file("a.png", Buffer.concat([png, png]));
    const bucket = bucketWith();
    const [uploaded] = await uploadFiles(files, { images, objects: bucket.objects, report: silent, interrupts });
    expect(uploaded).toMatchObject({ status: "failed", error: "a.png has changed since it was read: upload it again" });
    expect(bucket.stored).toEqual([]);
  });
});

describe("images upload", () => {
  test("names everything that cannot be uploaded at once, and uploads nothing", async () => {
    mkdirSync(path.join(folder, "assets"));
    file("huge.png", "");
    const { truncateSync } = await import("node:fs");
    truncateSync(path.join(folder, "huge.png"), maxBytes + 1);
    const names = [
      file("ok.png", png),
      "gone.png",
      "assets",
      "huge.png",
      file("empty.png", ""),
      file("page.html", "<html>"),
    ];
    const { code, err, out } = await upload(names, { json: true });
    expect(code).toBe(exitCodes.usage);
    const problems = [
      "gone.png cannot be read: there is no such file",
      `assets is a folder: name its files, such as ${path.join("assets", "*.webp")}`,
      "huge.png must be at most 64 MiB, got 65 MiB: make it smaller",
      "empty.png is empty",
      "page.html is not an image that browsers show: name avif, webp, png, apng, jpg, gif, ico or bmp",
    ];
    expect(err).toContain(`nothing was uploaded:\n${problems.map((text) => `  - ${text}`).join("\n")}`);
    expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: exitCodes.usage, problems });
    // nothing but who asks, and where the images are
    expect(aws.actions).toEqual(["GetCallerIdentity", "GetParameter"]);
  });

  test("prints the address of each file, in their order, and takes names relative to where the person is", async () => {
    aws.answer("", () => "");
    const { code, out, err } = await upload([file("b.png", png), file("a.jpg", jpeg)]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: exitCodes.ok, err: "" });
    expect(out).toMatch(
      /^https:\/\/images\.example\.com\/images\/b-[0-9a-f]{32}\.png\nhttps:\/\/images\.example\.com\/images\/a-[0-9a-f]{32}\.jpg\n$/,
    );
    expect(err).toContain("2 of 2 were there already");
  });

  test("with --json prints one value", async () => {
    aws.answer("", () => "");
    const { out } = await upload([file("b.png", png)], { json: true });
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      bucket: "shop-dev-images",
      files: [
        {
          file: "b.png",
          key: expect.stringMatching(/^images\/b-[0-9a-f]{32}\.png$/),
          url: expect.stringMatching(/^https:\/\/images\.example\.com\/images\/b-/),
          bytes: png.length,
          contentType: "image/png",
          status: "present",
        },
      ],
    });
  });

  test.each([
    ["dve", exitCodes.usage, "dve is not an environment: did you mean dev?"],
    ["registry", exitCodes.usage, "registry holds container images: name an environment"],
    ["bare", exitCodes.usage, "bare has no image bucket: set images in environments/bare.ts and deploy"],
  ])("refuses %s before it asks AWS anything", async (to, expected, sentence) => {
    const { code, err } = await upload([file("b.png", png)], { to });
    expect(err).toContain(sentence);
    expect(code).toBe(expected);
    expect(aws.calls).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    [
      "is not deployed",
      { __type: "ParameterNotFound" },
      "dev has no images yet (/shop/dev/images is not there): npm run deploy -- dev",
    ],
    [
      "is of another version",
      { Parameter: { Value: '{"version":2}' } },
      "/shop/dev/images is not of the version that this command reads: npm run deploy -- dev writes it anew",
    ],
    [
      "is broken",
      { Parameter: { Value: "{" } },
      "SSM parameter /shop/dev/images is not JSON: deploy the environment, which writes it anew",
    ],
  ])("says how to go on where the environment %s", async (_, answer, sentence) => {
    aws.answer("GetParameter", () => answer);
    const { code, err } = await upload([file("b.png", png)]);
    expect(err).toContain(sentence);
    expect(code).toBe(exitCodes.failed);
  });
});

describe("images key", () => {
  test.each<[Partial<ImagesKeyOptions>, string]>([
    [{ rotate: true, revoke: true }, "--rotate and --revoke exclude each other: name one"],
    [{ force: true }, "--force belongs to --rotate: it does not wait"],
    [{ yes: true }, "--yes belongs to --revoke: nothing else asks"],
    [{ revoke: true }, "nobody is there to confirm: pass --yes"],
  ])("%j is refused before AWS is asked anything", async (options, sentence) => {
    const { code, err } = await key(options);
    expect(err).toContain(sentence);
    expect(code).toBe(exitCodes.usage);
    expect(aws.calls).toEqual([]);
  });

  test("a revocation that is not confirmed changes nothing", async () => {
    const { code, err } = await key({ revoke: true }, { isTTY: true, stdin: "prod\n" });
    expect(err).toContain("this ends every upload that shop-dev-images-uploader makes, at once");
    expect(err).toContain("not confirmed: nothing was changed");
    expect(code).toBe(exitCodes.failed);
    expect(aws.actions).toEqual(["GetCallerIdentity", "GetParameter"]);
  });

  describe("against IAM and Secrets Manager", () => {
    const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const id = "AKIAIOSFODNN7EXAMPLE";
    let value: string | undefined;
    let refusals: number;

    const xml = (action: string, result: string): string =>
      `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
    const error = (code: string): string =>
      `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

    beforeEach(() => {
      value = undefined;
      refusals = 0;
      let made = false;
      const listed = `<member><AccessKeyId>${id}</AccessKeyId><Status>Active</Status></member>`;
      const identity = (arn: string): string =>
        xml("GetCallerIdentity", `<Account>${account}</Account><Arn>${arn}</Arn>`);
      aws.answer("ListAccessKeys", () =>
        xml(
          "ListAccessKeys",
          `<IsTruncated>false</IsTruncated><AccessKeyMetadata>${made ? listed : ""}</AccessKeyMetadata>`,
        ),
      );
      aws.answer("GetAccessKeyLastUsed", () => xml("GetAccessKeyLastUsed", "<AccessKeyLastUsed></AccessKeyLastUsed>"));
      aws.answer("CreateAccessKey", () => {
        made = true;
        return xml(
          "CreateAccessKey",
          `<AccessKey><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><CreateDate>2026-01-02T03:04:05Z</CreateDate></AccessKey>`,
        );
      });
      aws.answer("GetCallerIdentity", () => {
        // the caller's own call comes before there is a key to try
        if (!made) return identity(`arn:aws:iam::${account}:user/me`);
        return refusals-- > 0
          ? error("InvalidClientTokenId")
          : identity(`arn:aws:iam::${account}:user/shop/dev/${images.uploader}`);
      });
      aws.answer("DescribeSecret", () => ({
        Name: images.keySecret,
        LastChangedDate: 1_700_000_000,
        ...(value === undefined ? {} : { VersionIdsToStages: { v1: ["AWSCURRENT", "AWSPENDING"] } }),
      }));
      aws.answer("GetSecretValue", () => ({ SecretString: value, CreatedDate: 1_700_000_000, VersionId: "v1" }));
      aws.answer("PutSecretValue", ({ body }) => {
        value = (JSON.parse(body) as { readonly SecretString: string }).SecretString;
        return { VersionId: "v1" };
      });
    });

    test("a new key is stored with what an uploader needs, tried until AWS takes it, and not shown", async () => {
      refusals = 2;
      const { code, out, err } = await key();
      expect({ code, err: code === 0 ? "" : err }).toEqual({ code: exitCodes.ok, err: "" });
      expect(out).toBe(`key ${id} of ${images.uploader} is in ${images.keySecret}, and works\n`);
      expect(JSON.parse(value ?? "")).toEqual({
        accessKeyId: id,
        secretAccessKey: secret,
        created: "2026-01-02T03:04:05.000Z",
        userName: images.uploader,
        bucket: images.bucket,
        prefix: images.prefix,
        region: images.region,
      });
      expect(aws.actions.filter((action) => action === "GetCallerIdentity")).toHaveLength(4);
      expect(out + err).not.toContain(secret);
    });

    test("an error that quotes what it was sent is told without it", async () => {
      aws.answer("PutSecretValue", ({ body }) => ({
        __type: "ValidationException",
        message: `cannot take ${body} ${secret}`,
      }));
      const { code, out, err } = await key({ json: true });
      expect(code).toBe(exitCodes.failed);
      expect(err).toMatch(/uploader-key does not take the new key \(ValidationException: cannot take .*\(hidden\)/);
      expect(out + err).not.toContain(secret);
      expect(out + err).not.toContain(JSON.stringify(secret).slice(1, -1));
    });

    test.each([
      [
        "a user",
        "ListAccessKeys",
        () => error("NoSuchEntity"),
        `IAM user ${images.uploader} is not there: deploy the environment first, which makes it`,
      ],
      [
        "a secret",
        "DescribeSecret",
        () => ({ __type: "ResourceNotFoundException" }),
        `secret ${images.keySecret} is not there: deploy the environment first, which makes it empty`,
      ],
      [
        "a secret that stays",
        "DescribeSecret",
        () => ({ DeletedDate: 1_700_000_000 }),
        `secret ${images.keySecret} is marked for deletion`,
      ],
    ])("without %s it says what to do", async (_, action, answer, sentence) => {
      aws.answer(action, answer);
      const { code, err } = await key();
      expect(err).toContain(sentence);
      expect(code).toBe(exitCodes.failed);
      expect(aws.actions).not.toContain("CreateAccessKey");
    });
  });
});

test("a hidden value shows nowhere", () => {
  const hidden = new Hidden("s3cret");
  expect(
    [String(hidden), JSON.stringify({ hidden }), inspect({ hidden }, { depth: 9, showHidden: true })].join(),
  ).not.toContain("s3cret");
  expect(hidden.reveal()).toBe("s3cret");
  expect(hidden.removeFrom("say s3cret twice: s3cret")).toBe("say (hidden) twice: (hidden)");
});
