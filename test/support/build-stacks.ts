import { App, Testing } from "cdktf";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfiguration } from "../../environments/checks";
import { compose, type RunOptions } from "../../stacks/compose";
import type { Stacks } from "./stacks";
import { type Json, Synthesized } from "./synthesized";

interface Configuration {
  readonly project: unknown;
  readonly environments: Readonly<Record<string, unknown>>;
}

/** Build a configuration the way the entry does, with all validations, and read back what was written. */
export function stacksOf(configuration: Configuration, options: RunOptions = {}): Stacks {
  const outdir = mkdtempSync(join(tmpdir(), "slipway-test-"));
  try {
    const app = Testing.stubVersion(new App({ outdir, stackTraces: false }));
    compose(app, parseConfiguration(configuration.project, configuration.environments), options);
    app.synth();
    const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as Json;
    return Object.fromEntries(
      Object.keys(manifest["stacks"] as Json).map((name) => [
        name,
        new Synthesized(JSON.parse(readFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "utf8")) as Json),
      ]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
