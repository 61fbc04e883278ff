"use strict";
/**
 * Synthesise the stacks: bundle the entry and run it in this process.
 *
 * `node ci/synth.cjs [entry]` (default: stacks/app.ts). It is what cdktf.json names, what every command starts, and three times
 * as fast as compiling module by module. Writes to CDKTF_OUTDIR, or `cdktf.out`.
 */
const Module = require("node:module");
const path = require("node:path");
const esbuild = require("esbuild");

const { bundleOf, root } = require("./bundle.cjs");

const entry = process.argv[2] ?? "stacks/app.ts";
const { outputFiles } = esbuild.buildSync({ ...bundleOf(entry), write: false });
// run from memory, as if the bundle lay at the project's root: nothing to clean up, and parallel runs cannot meet
const bundle = new Module(path.join(root, "slipway-app.cjs"), undefined);
bundle.filename = bundle.id;
bundle.paths = Module._nodeModulePaths(root);
bundle._compile(outputFiles[0].text, bundle.filename);
