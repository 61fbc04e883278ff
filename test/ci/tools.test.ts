import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { createServer, type Server } from "node:http";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { providerOf } from "../../ci/rehearse/toolbox";
import { Report } from "../../ci/report";
import { Interrupts } from "../../ci/terraform/interrupts";
import { cacheFolder } from "../../ci/tools/cache-folder";
import { Emulator } from "../../ci/tools/emulator";
import { openTofu, openTofuVersion, thisMachine } from "../../ci/tools/opentofu";
import { configureProvider, findProvider, mirrorsIn } from "../../ci/tools/provider-mirror";
import { findPython } from "../../ci/tools/python";

const { signal } = new AbortController();
let folder: string;
let said: string;
let report: Report;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-tools-"));
  said = "";
  const sink = { write: (text: string) => (said += text) };
  report = Report.to({ stderr: sink, stdout: sink });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file with its folders; programs can be run. */
function file(relative: string, content = "", mode = 0o644): string {
  const full = path.join(folder, relative);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, content, { mode });
  return full;
}

describe("cache folder", () => {
  test("is that of XDG, unless it is relative", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/c" }, "/home/me")).toBe("/c/slipway");
    expect(cacheFolder({ XDG_CACHE_HOME: "c" }, "/home/me")).toBe("/home/me/.cache/slipway");
    expect(cacheFolder({}, "/home/me")).toBe("/home/me/.cache/slipway");
  });
});

describe("OpenTofu", () => {
  const archive = `tofu_${openTofuVersion}_linux_arm64.tar.gz`;
  let server: Server;
  let served: Record<string, Buffer | string>;
  let asked: string[];
  let request: Parameters<typeof openTofu>[0];

  beforeEach(async () => {
    file("release/tofu", "#!/bin/sh\necho I am OpenTofu\n", 0o755);
    execFileSync("tar", ["-czf", path.join(folder, archive), "-C", path.join(folder, "release"), "tofu"]);
    const content = readFileSync(path.join(folder, archive));
    const sum = createHash("sha256").update(content).digest("hex");
    const base = `/v${openTofuVersion}`;
    served = {
      [`${base}/tofu_${openTofuVersion}_SHA256SUMS`]: `${"0".repeat(64)}  other.zip\n${sum}  ${archive}\n`,
      [`${base}/${archive}`]: content,
    };
    asked = [];
    server = createServer(({ url = "" }, response) => {
      asked.push(url);
      const body = served[url];
      response.statusCode = body === undefined ? 404 : 200;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    request = {
      cache: path.join(folder, "cache"),
      report,
      signal,
      releases: `http://127.0.0.1:${port}`,
      platform: { os: "linux", arch: "arm64" },
    };
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const leftovers = (): string[] => {
    const kept = path.join(folder, "cache", "opentofu");
    return existsSync(kept) ? readdirSync(kept) : [];
  };

  test("is downloaded once, and then taken from the cache", async () => {
    const program = await openTofu(request);
    expect(execFileSync(program, { encoding: "utf8" })).toBe("I am OpenTofu\n");
    expect(leftovers()).toEqual([`${openTofuVersion}_linux_arm64`]);
    const before = asked.length;
    expect(await openTofu(request)).toBe(program);
    expect(asked).toHaveLength(before);
  });

  test("with another checksum than its release names is refused, and nothing stays", async () => {
    const sums = Object.keys(served)[0] ?? "";
    served[sums] = `${"1".repeat(64)}  ${archive}\n`;
    await expect(openTofu(request)).rejects.toThrow(/has the checksum [0-9a-f]{64}, its release says 1{64}/);
    expect(leftovers()).toEqual([]);
  });

  test("that cannot be had says what to install", async () => {
    served = {};
    await expect(openTofu(request)).rejects.toThrow(
      /^neither Terraform nor OpenTofu 1\.11 or newer is installed, and OpenTofu \S+ could not be downloaded \(.* answers 404\): install one of them, or name it with TERRAFORM_BINARY_NAME$/,
    );
    await expect(openTofu({ ...request, releases: "http://127.0.0.1:1" })).rejects.toThrow(/could not be downloaded/);
  });

  test("that breaks off midway leaves nothing", async () => {
    server.removeAllListeners("request");
    server.on("request", ({ url = "" }, response) => {
      if (url.endsWith("SHA256SUMS")) return void response.end(served[url]);
      response.writeHead(200, { "content-length": "1000" });
      response.write("half");
      setImmediate(() => response.destroy());
    });
    await expect(openTofu(request)).rejects.toThrow(/could not be downloaded/);
    expect(leftovers()).toEqual([]);
  });

  test("that the release does not have for this machine says so", async () => {
    await expect(openTofu({ ...request, platform: { os: "plan9", arch: "arm" } })).rejects.toThrow(
      /the release has no tofu_\S+_plan9_arm\.tar\.gz/,
    );
  });
});

describe("provider", () => {
  const version = "5.100.0";
  const platform = { os: "linux", arch: "amd64" };
  const unpacked = (mirror: string): string =>
    path.dirname(
      file(`${mirror}/mirror.test/hashicorp/aws/${version}/linux_amd64/terraform-provider-aws_v${version}_x5`),
    );
  const search = (env: Record<string, string> = {}): Parameters<typeof findProvider>[0] => ({
    env,
    home: path.join(folder, "home"),
    root: path.join(folder, "project"),
    version,
    platform,
    parents: [path.join(folder, "opt")],
  });

  test("comes from the registry when no mirror has it", () => {
    file(`opt/plugins/mirror.test/hashicorp/aws/5.99.0/linux_amd64/terraform-provider-aws_v5.99.0_x5`);
    file(`opt/plugins/mirror.test/hashicorp/aws/${version}/darwin_arm64/terraform-provider-aws_v${version}_x5`);
    expect(
      findProvider(search({ TF_CLI_CONFIG_FILE: path.join(folder, "missing.tfrc"), XDG_DATA_DIRS: folder })),
    ).toBeUndefined();
  });

  test.each([
    "home/.terraform.d/plugins",
    "home/.local/share/terraform/plugins",
    "project/terraform.d/plugins",
    "opt/anything",
  ])("is found in %s", (mirror) => {
    const expected = unpacked(mirror);
    expect(findProvider(search())).toEqual({ path: expected, packed: false });
  });

  test("is found packed, as it was released", () => {
    const archive = file(`opt/plugins/mirror.test/hashicorp/aws/terraform-provider-aws_${version}_linux_amd64.zip`);
    expect(findProvider(search())).toEqual({ path: archive, packed: true });
  });

  test("is found through the user's CLI configuration, before the places that are implied", () => {
    unpacked("opt/plugins");
    const expected = unpacked("mine");
    const mirror = path.join(folder, "mine");
    file("home/.terraformrc", `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`);
    expect(findProvider(search())).toEqual({ path: expected, packed: false });
    const named = file(
      "named.tfrc",
      `provider_installation {\n filesystem_mirror { path = "${path.join(folder, "opt/plugins")}" }\n}`,
    );
    expect(findProvider(search({ TF_CLI_CONFIG_FILE: named }))?.path).toContain("opt/plugins");
  });

  test("is found through the variable, which must be right", () => {
    unpacked("opt/plugins");
    const expected = unpacked("mine");
    expect(findProvider(search({ SLIPWAY_PROVIDER_MIRROR: path.join(folder, "mine") }))?.path).toBe(expected);
    expect(() => findProvider(search({ SLIPWAY_PROVIDER_MIRROR: "/nowhere" }))).toThrow(
      "SLIPWAY_PROVIDER_MIRROR names /nowhere, which has no hashicorp/aws 5.100.0 for linux_amd64: correct or unset it, " +
        "or choose a version that is there with SLIPWAY_REHEARSAL_PROVIDER_VERSION",
    );
  });

  test("mirrors are read from HCL and from JSON, comments aside", () => {
    const hcl = `# filesystem_mirror { path = "/commented" }
provider_installation {
  filesystem_mirror {
    path    = "/one" # first
    include = ["*/*/*"]
  }
  /* filesystem_mirror { path = "/also/commented" } */
  filesystem_mirror { path = "/two" }
  network_mirror { url = "https://mirror.test/" }
}`;
    expect(mirrorsIn(hcl)).toEqual(["/one", "/two"]);
    expect(mirrorsIn(JSON.stringify({ provider_installation: [{ filesystem_mirror: [{ path: "/three" }] }] }))).toEqual(
      ["/three"],
    );
  });

  describe("is given to the engine", () => {
    // an engine answers only the one question that is asked of it here
    const engine = () => ({
      kind: "opentofu" as const,
      version: "1.12.6",
      path: file("tofu", `#!/bin/sh\n[ "$1" = providers ] && echo '└── provider[engine.test/hashicorp/aws]'\n`, 0o755),
    });
    const request = () => ({
      engine: engine(),
      version,
      directory: path.join(folder, "run"),
      cache: path.join(folder, "cache"),
      env: { PATH: process.env["PATH"] ?? "" },
      home: path.join(folder, "home"),
    });

    test("under the registry's name that this engine looks for, whatever the mirror was laid out for", async () => {
      const provider = { path: unpacked("opt/plugins"), packed: false };
      const { env, origin } = await configureProvider({ ...request(), provider });
      expect(origin).toBe(provider.path);
      const link = path.join(folder, "run/mirror/engine.test/hashicorp/aws", version, "linux_amd64");
      expect(readlinkSync(link)).toBe(provider.path);
      const configuration = readFileSync(env["TF_CLI_CONFIG_FILE"] ?? "", "utf8");
      expect(mirrorsIn(configuration)).toEqual([path.join(folder, "run/mirror")]);
    });

    test("from the registry with the user's own configuration, and a private one where there is none", async () => {
      const own = file("home/.terraformrc", "credentials {}\n");
      const { env } = await configureProvider({ ...request(), provider: undefined });
      expect(env).toEqual({
        TF_CLI_CONFIG_FILE: own,
        TF_PLUGIN_CACHE_DIR: path.join(folder, "cache"),
        TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
      });
      rmSync(own);
      const { env: without } = await configureProvider({ ...request(), provider: undefined });
      expect(existsSync(without["TF_CLI_CONFIG_FILE"] ?? "")).toBe(true);
    });
  });
});

describe("the provider that all rehearsals of a run share", () => {
  const version = "9.9.9";
  const fetched = (): string => {
    const { os, arch } = thisMachine();
    return path.join("plugins", "engine.test", "hashicorp", "aws", version, `${os}_${arch}`);
  };
  const have = async (init: string): Promise<Readonly<Record<string, string>>> => {
    const engine = file(
      "tofu",
      `#!/bin/sh
[ "$1" = providers ] && echo '└── provider[engine.test/hashicorp/aws]'
[ "$1" = init ] && { env > "${folder}/variables"; ${init}; }
exit 0
`,
      0o755,
    );
    const interrupts = new Interrupts(report, new EventEmitter());
    const request = {
      env: { PATH: process.env["PATH"] ?? "" },
      root: path.join(folder, "project"),
      directory: path.join(folder, "run"),
      ...{ report, interrupts },
    };
    const found = { kind: "opentofu" as const, version: "1.12.6", path: engine };
    return providerOf(request, found, version, path.join(folder, "cache"), path.join(folder, "home"));
  };

  test("is fetched once: afterwards it is taken from where it was put, and nobody asks the registry again", async () => {
    const env = await have(
      `mkdir -p "${folder}/cache/${fetched()}" && : > "${folder}/cache/${fetched()}/terraform-provider-aws_v${version}_x5"`,
    );
    const asked = readFileSync(path.join(folder, "variables"), "utf8");
    expect(asked).toContain(`TF_PLUGIN_CACHE_DIR=${path.join(folder, "cache", "plugins")}`);
    expect(asked).toContain("TF_REGISTRY_CLIENT_TIMEOUT=60");
    expect(Object.keys(env)).toEqual(["TF_CLI_CONFIG_FILE"]);
    const [mirror = ""] = mirrorsIn(readFileSync(env["TF_CLI_CONFIG_FILE"] ?? "", "utf8"));
    const link = path.join(mirror, "engine.test", "hashicorp", "aws", version);
    const { os, arch } = thisMachine();
    expect(readlinkSync(path.join(link, `${os}_${arch}`))).toBe(path.join(folder, "cache", fetched()));
  });

  test("that cannot be had says where it was looked for, and what to do", async () => {
    await expect(have(`echo "no such host" >&2; exit 1`)).rejects.toThrow(
      /provider hashicorp\/aws 9\.9\.9 cannot be had from the registry \(.*\): name a filesystem mirror that has it with SLIPWAY_PROVIDER_MIRROR/,
    );
  });
});

describe("Python", () => {
  /** A python3 that says `found` of itself; a virtual environment that it makes says that all is well. */
  const python = (found: object, venv = "exit 1"): string => {
    const answer = (value: object): string =>
      JSON.stringify({ path: "/usr/bin/python3", version: "3.12.1", problem: null, ...value });
    const made = `#!/bin/sh\n[ "$1" = -c ] && echo '${answer({ path: "venv" })}' && exit 0\necho "$@" > ${folder}/installed\n`;
    const program = path.join(folder, "bin", "python3");
    return path.dirname(
      file(
        "bin/python3",
        `#!/bin/sh
if [ "$1" = -c ]; then echo '${answer({ ...found, path: program })}'; exit 0; fi
if [ "$2" = venv ]; then ${venv}; fi
`.replace(
          "MAKE",
          `/bin/mkdir -p "$3/bin" && printf '%s' '${made.replaceAll("'", `'\\''`)}' > "$3/bin/python" && /bin/chmod +x "$3/bin/python"`,
        ),
        0o755,
      ),
    );
  };
  const request = (bin: string): Parameters<typeof findPython>[0] => {
    file("emulator/requirements.txt", "moto==5.2.1\n");
    return {
      env: {
        PATH: `${bin}:/bin:/usr/bin`
          .split(":")
          .slice(0, bin === "" ? 0 : 2)
          .join(":"),
      },
      emulator: path.join(folder, "emulator"),
      cache: path.join(folder, "cache"),
      report,
      signal,
    };
  };

  test("with moto is used as it is", async () => {
    expect(await findPython(request(python({})))).toMatchObject({ version: "3.12.1" });
    expect(existsSync(path.join(folder, "cache"))).toBe(false);
  });

  test("without moto gets a virtual environment, once", async () => {
    const asked = request(python({ problem: "moto is not installed" }, "MAKE"));
    expect(await findPython(asked)).toMatchObject({ path: "venv" });
    expect(readFileSync(path.join(folder, "installed"), "utf8")).toContain("-m pip install");
    expect(readdirSync(path.join(folder, "cache"))).toEqual([expect.stringMatching(/^python-[0-9a-f]{12}$/)]);
    rmSync(path.join(folder, "installed"));
    expect(await findPython(asked)).toMatchObject({ path: "venv" });
    expect(existsSync(path.join(folder, "installed"))).toBe(false);
  });

  test("without moto and without venv says what to install, and leaves nothing", async () => {
    const asked = request(python({ problem: "moto is not installed" }, "echo no module named venv >&2; exit 1"));
    await expect(findPython(asked)).rejects.toThrow(
      /has no moto and cannot make a virtual environment \(.*no module named venv\): install its venv module/,
    );
    expect(readdirSync(path.join(folder, "cache"))).toEqual([]);
  });

  test("that is missing or too old is asked for", async () => {
    const sentence = "the emulator needs Python 3.9 or newer, and there is no such python3 on PATH: install it";
    await expect(
      findPython({ ...request(python({ problem: "too old" })), env: { PATH: path.join(folder, "bin") } }),
    ).rejects.toThrow(sentence);
    await expect(findPython({ ...request(""), env: { PATH: path.join(folder, "nothing") } })).rejects.toThrow(sentence);
  });
});

describe("emulator", () => {
  // what is started here is node: the name of the file is all that it shares with the real one
  const start = async (script: string, port?: number): Promise<Emulator> => {
    file("source/server.py", script);
    return Emulator.start({
      python: { path: process.execPath, version: "3.12.1" },
      source: path.join(folder, "source"),
      directory: folder,
      account: "123456789012",
      env: { AWS_PROFILE: "mine" },
      signal,
      ...(port === undefined ? {} : { port }),
    });
  };
  const serving = (more = ""): string => `
    const args = process.argv.slice(2);
    const of = (name) => args[args.indexOf(name) + 1];
    ${more}
    const server = require("http").createServer((request, response) => {
      if (request.url === "/_slipway/unknown-calls") return response.end(JSON.stringify([{ service: "rds", operation: "X", kind: "unimplemented", detail: process.env.MOTO_ACCOUNT_ID + String(process.env.AWS_PROFILE) }]));
      response.statusCode = 500; response.end();
    });
    server.listen(Number(of("--port")), "127.0.0.1", () => {
      // whole or not at all: whoever waits for it reads it at once
      const partial = of("--ready-file") + ".partial";
      require("fs").writeFileSync(partial, JSON.stringify({ port: server.address().port, moto: "5.2.1", python: "3.12.1" }));
      require("fs").renameSync(partial, of("--ready-file"));
    });`;

  test("answers, without the user's AWS settings, and stops", async () => {
    const emulator = await start(serving());
    expect(emulator.version).toBe("moto 5.2.1 (Python 3.12.1)");
    expect(await emulator.unknownCalls()).toEqual([
      { service: "rds", operation: "X", kind: "unimplemented", detail: "123456789012undefined" },
    ]);
    await expect(emulator.inventory()).rejects.toThrow("the emulator answers 500 to /_slipway/inventory");
    await emulator.stop();
    await expect(fetch(emulator.url)).rejects.toThrow();
  });

  test("that does not start says in one sentence what it said", async () => {
    await expect(
      start(`console.error("port 5000 of 127.0.0.1 cannot be used: stop what uses it"); process.exit(3)`),
    ).rejects.toThrow(
      "the emulator did not start (exit code 3): port 5000 of 127.0.0.1 cannot be used: stop what uses it",
    );
  });

  test("that dies midway says so at once", async () => {
    const emulator = await start(
      serving(`process.on("SIGUSR2", () => { console.error("MemoryError"); process.exit(1); });`),
    );
    process.kill(emulator.pid ?? 0, "SIGUSR2");
    await expect(emulator.death).rejects.toThrow(
      "the emulator ended in the middle of the run (exit code 1): MemoryError",
    );
  });

  test("that is killed midway says so at once", async () => {
    const emulator = await start(serving());
    process.kill(emulator.pid ?? 0, "SIGKILL");
    await expect(emulator.death).rejects.toThrow("the emulator ended in the middle of the run (killed by SIGKILL)");
  });
});
