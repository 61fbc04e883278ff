"use strict";
/** How what synthesizes is bundled and run: one place, so that the benchmark measures what the commands do. */
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const root = path.dirname(__dirname);
/** Where node keeps what it made of a bundle the last time; it may be deleted at any time. */
const compiledFolder = path.join(root, "node_modules", ".cache", "slipway-synth");

/** Options of esbuild for an entry, named from the project's folder. */
function bundleOf(entry) {
  return {
    entryPoints: [path.resolve(root, entry)],
    bundle: true,
    platform: "node",
    target: "node20",
    // half of what there is to parse is white space; names stay, for stack traces
    minifyWhitespace: true,
    minifySyntax: true,
    // cdktf finds its own files by their place on disk
    external: ["cdktf", "constructs"],
    logLevel: "error",
  };
}

/**
 * Run a bundle in this process, as if it lay at the project's root: nothing to clean up there, and parallel runs cannot meet. What
 * node compiles is kept for the next run, which saves it a tenth of a second.
 */
function runBundle(entry, text) {
  const filename = path.join(root, "slipway-app.cjs");
  const kept = new Compiled(entry, text);
  const script = new vm.Script(Module.wrap(text), { filename, cachedData: kept.read() });
  const bundle = new Module(filename, undefined);
  bundle.filename = filename;
  bundle.paths = Module._nodeModulePaths(root);
  script.runInThisContext()(bundle.exports, Module.createRequire(filename), bundle, filename, root);
  // after the run, when the functions that it calls are compiled too
  if (script.cachedDataRejected !== false) kept.write(script.createCachedData());
}

/** What V8 made of one text. V8 itself refuses what another release of it made, but takes any text of the same length. */
class Compiled {
  constructor(entry, text) {
    this.file = path.join(compiledFolder, `${entry.replaceAll(/[^\w.-]/g, "-")}.v8`);
    this.hash = createHash("sha256").update(text).digest();
  }

  read() {
    try {
      const found = fs.readFileSync(this.file);
      const begin = this.hash.length;
      return found.subarray(0, begin).equals(this.hash) ? found.subarray(begin) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole or not at all; where nothing can be written it is compiled again each time. */
  write(data) {
    const part = `${this.file}.${process.pid}`;
    try {
      fs.mkdirSync(compiledFolder, { recursive: true });
      fs.writeFileSync(part, Buffer.concat([this.hash, data]));
      fs.renameSync(part, this.file);
    } catch {
      fs.rmSync(part, { force: true });
    }
  }
}

module.exports = { bundleOf, root, runBundle };
