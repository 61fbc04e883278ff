"use strict";
/**
 * Synthesise the stacks: bundle the entry and run it in this process.
 *
 * `node ci/synth.cjs [entry]` (default: stacks/app.ts). It is what cdktf.json names, what every command starts, and three times
 * as fast as compiling module by module. Writes to CDKTF_OUTDIR, or `cdktf.out`.
 */
const esbuild = require("esbuild");
const { bundleOf, runBundle } = require("./bundle.cjs");

const entry = process.argv[2] ?? "stacks/app.ts";
const { outputFiles } = esbuild.buildSync({ ...bundleOf(entry), write: false });
runBundle(entry, outputFiles[0].text);
