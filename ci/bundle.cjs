"use strict";
/** The bundler's settings for what synthesizes: one place, so that the benchmark measures what the commands run. */
const path = require("node:path");

const root = path.dirname(__dirname);

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

module.exports = { bundleOf, root };
