import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dotenvOf, markdownOf, type PipelineSummary, writePipelineReport } from "../../ci/release/pipeline-report";

const summary: PipelineSummary = {
  command: "release",
  ok: true,
  environment: "dev",
  release: "release-dev-7",
  images: { "my-app": "sha256:aa" },
  services: [{ name: "web", kind: "web", revision: "shop-dev-web:8", previous: "shop-dev-web:7", status: "running" }],
  migration: { task: "0a1b", exitCode: 0 },
  seconds: 96.4,
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "slipway-report-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("outside of a pipeline nothing is written", () => {
  expect(writePipelineReport({ CI_PROJECT_DIR: folder, GITHUB_STEP_SUMMARY: "", GITLAB_CI: "" }, summary)).toEqual([]);
  expect(existsSync(path.join(folder, "release.env"))).toBe(false);
});

test("GitHub's step summary gets a section after what other steps wrote", () => {
  const file = path.join(folder, "summary.md");
  writeFileSync(file, "before\n");
  expect(writePipelineReport({ GITHUB_STEP_SUMMARY: file }, summary)).toEqual([]);
  expect(readFileSync(file, "utf8")).toBe(
    [
      "before",
      "### ✅ release of dev: release-dev-7",
      "",
      "Done after 1 min 36 s.",
      "",
      "| service | kind | revision | before | status |",
      "| --- | --- | --- | --- | --- |",
      "| web | web | shop-dev-web:8 | shop-dev-web:7 | running |",
      "",
      "- image of my-app: `sha256:aa`",
      "- migration: task `0a1b`, exit code 0",
      "",
      "",
    ].join("\n"),
  );
});

test("a failure is told with its reason, which cannot leave its block", () => {
  const text = markdownOf({
    ...summary,
    ok: false,
    release: null,
    services: [{ name: "a|b", kind: "web", revision: null, previous: null, status: "line\nbreak" }],
    migration: { task: "0a1b", exitCode: null },
    error: "it broke\n```\n# heading",
  });
  expect(text).toContain("### ❌ release of dev\n\nFailed after");
  expect(text).toContain("```text\nit broke\n'''\n# heading\n```\n");
  expect(text).toContain("| a\\|b | web |  |  | line break |");
  expect(text).toContain("exit code none");
});

test("GitLab's report is variables in the project's folder", () => {
  const env = { GITLAB_CI: "true", CI_PROJECT_DIR: folder };
  expect(writePipelineReport(env, summary)).toEqual([]);
  expect(readFileSync(path.join(folder, "release.env"), "utf8")).toBe(
    [
      "SLIPWAY_COMMAND=release",
      "SLIPWAY_OK=true",
      "SLIPWAY_ENVIRONMENT=dev",
      "SLIPWAY_RELEASE=release-dev-7",
      "SLIPWAY_SECONDS=96",
      "SLIPWAY_DIGEST_MY_APP=sha256:aa",
      "",
    ].join("\n"),
  );
});

test("what GitLab would refuse for its size is left out", () => {
  const images = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`app${i}`, "x".repeat(80)]));
  const text = dotenvOf({ ...summary, images });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(5120);
  expect(text.endsWith("x\n")).toBe(true);
  expect(text).toContain("SLIPWAY_DIGEST_APP40=");
});

test("a file that cannot be written is a sentence, not an error: the release has happened", () => {
  const file = path.join(folder, "gone", "summary.md");
  expect(
    writePipelineReport({ GITHUB_STEP_SUMMARY: file, GITLAB_CI: "true", CI_PROJECT_DIR: folder }, summary),
  ).toEqual([expect.stringMatching(/summary\.md could not be written \(.*ENOENT/)]);
  expect(existsSync(path.join(folder, "release.env"))).toBe(true);
});
