import { exceptionsOf, pathsByResource, type ScanException, type ScannedStack } from "./scanned-stack";

/** A check that failed at one resource. */
export interface Finding {
  readonly check: string;
  /** What the check wants, in the scanner's words. */
  readonly wants: string;
  /** Path of the construct. */
  readonly at: string;
}

/** What the scanner said of a stack. */
export interface ScannerReport {
  readonly passed: number;
  /** `resource` as the scanner calls it. */
  readonly failed: readonly { readonly check: string; readonly wants: string; readonly resource: string }[];
}

/** What is right and wrong with a stack. */
export interface StackVerdict {
  readonly stack: string;
  readonly passed: number;
  /** Findings that nobody has excepted. */
  readonly failed: readonly Finding[];
  /** Findings with the reason why they may stand. */
  readonly excepted: readonly (Finding & { readonly because: string })[];
  /** Exceptions that no finding needs. */
  readonly unused: readonly ScanException[];
}

/** Hold what the scanner found against the exceptions that are written in the stack. */
export function judge(stack: string, json: ScannedStack, { passed, failed }: ScannerReport): StackVerdict {
  const paths = pathsByResource(json);
  const exceptions = exceptionsOf(json);
  const findings = failed
    .map(({ check, wants, resource }) => ({ check, wants, at: paths.get(resource) ?? resource }))
    .sort((a, b) => a.at.localeCompare(b.at) || a.check.localeCompare(b.check));
  const judged = findings.map((finding) => ({ finding, exception: exceptions.find((one) => covers(one, finding)) }));
  return {
    stack,
    passed,
    failed: judged.flatMap(({ finding, exception }) => (exception === undefined ? [finding] : [])),
    excepted: judged.flatMap(({ finding, exception }) =>
      exception === undefined ? [] : [{ ...finding, because: exception.because }],
    ),
    unused: exceptions.filter((exception) => !findings.some((finding) => covers(exception, finding))),
  };
}

function covers(exception: ScanException, finding: Finding): boolean {
  return exception.check === finding.check && exception.at === finding.at;
}

/** Every problem of a stack, one sentence each. */
export function problemsOf({ failed, unused }: StackVerdict): string[] {
  return [
    ...failed.map(
      ({ check, wants, at }) =>
        `${at} fails ${check} (${wants}): mend it, or write exceptFromScan(resource, "${check}", "<why it may stand>") next to it`,
    ),
    ...unused.map(
      ({ check, at, because }) =>
        `${at} is excepted from ${check} (${because}), which finds nothing there: take the exception away, or write it under the setting that needs it`,
    ),
  ];
}
