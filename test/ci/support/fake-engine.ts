import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * A program that poses as Terraform: it answers from files, and writes down what it was asked. The n-th plan shows `plan.<n>.json` if
 * there is one, else `plan.json`, and ends with `plan.<n>.code` or `plan.code`; the n-th apply leaves `state.<n>.json` as the state, if there is one, and runs `apply.sh`, if there
 * is one, in the folder of the stack.
 */
const script = `#!/bin/sh
here="$(dirname "$0")"
echo "$*" >> "$here/calls"
env > "$here/variables"
count() { n=$(( $(cat "$here/$1.count" 2>/dev/null || echo 0) + 1 )); echo "$n" > "$here/$1.count"; }
code() { exit "$(cat "$here/$1.code" 2>/dev/null || echo "$2")"; }
last=""; for last in "$@"; do :; done
case "$1" in
  version) cat "$here/version" ;;
  init) test ! -f "$here/init.error" || { cat "$here/init.error" >&2; exit 1; } ;;
  plan)
    count plan
    for argument in "$@"; do case "$argument" in -out=*) out="\${argument#-out=}" ;; esac; done
    cp "$here/plan.$n.json" "$out" 2>/dev/null || cp "$here/plan.json" "$out"
    cat "$here/plan.lines" 2>/dev/null
    test ! -f "$here/plan.$n.code" || code "plan.$n"
    code plan 2 ;;
  show) if [ "$last" = "-json" ]; then cat "$here/state.json"; else cat "$last"; fi ;;
  apply)
    count apply
    cat "$here/apply.lines" 2>/dev/null
    cp "$here/state.$n.json" "$here/state.json" 2>/dev/null
    test ! -f "$here/apply.sh" || . "$here/apply.sh"
    code apply 0 ;;
  state) test "$2" != pull || cat "$here/state.pulled" ;;
  untaint) cp "$here/state.untainted.json" "$here/state.json" ;;
  output) cat "$here/outputs.json" ;;
  providers) echo "# locked" > .terraform.lock.hcl ;;
esac
`;

/** A fake Terraform in a folder of its own. */
export class FakeEngine {
  readonly folder = mkdtempSync(path.join(tmpdir(), "slipway-engine-"));
  readonly path = path.join(this.folder, "terraform");

  constructor() {
    writeFileSync(this.path, script);
    chmodSync(this.path, 0o755);
    this.put("version", "Terraform v1.11.4\n");
    this.put("plan.json", {});
    this.put("state.json", {});
    this.put("outputs.json", {});
  }

  /** Make it answer with this. */
  put(name: string, content: unknown): void {
    writeFileSync(path.join(this.folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }

  /** The commands it was given, but for `version` and `init`. */
  get calls(): string[] {
    return this.lines("calls").filter((line) => !/^(version|init)\b/.test(line));
  }

  /** Every command it was given. */
  get allCalls(): string[] {
    return this.lines("calls");
  }

  /** The environment variables of its last command. */
  get variables(): Record<string, string> {
    return Object.fromEntries(
      this.lines("variables").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private lines(name: string): string[] {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }
}
