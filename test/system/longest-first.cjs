const path = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** Minutes each; all others take less. */
const longest = ["pipelines", "interrupts", "bootstrap", "cdktf-cli", "fork"];

/** Starts with the files that take longest, so that none of them is left for the end, when nothing runs beside it. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = (test) => {
      const found = longest.indexOf(path.basename(test.path, ".test.ts"));
      return found < 0 ? longest.length : found;
    };
    return [...tests].sort((one, other) => place(one) - place(other) || one.path.localeCompare(other.path));
  }
};
