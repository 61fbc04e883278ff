import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { TerraformStack, Testing } from "cdktf";
import { exceptAllFromScan, exceptFromScan } from "../../constructs/shared/scan-exception";
import type { Json } from "../support/synth";

/** A resource as it is written out, with its comment, which the synthesis of tests leaves out. */
const queue = (define: (queue: SqsQueue) => void): Json => {
  const made = new SqsQueue(new TerraformStack(Testing.app(), "test"), "Queue", { name: "jobs" });
  define(made);
  const written = made.toTerraform() as Json;
  return written["resource"]["aws_sqs_queue"]["Queue"] as Json;
};

test("an exception is a comment of the resource, and changes nothing of it", () => {
  const { "//": comment, ...settings } = queue((one) => {
    exceptFromScan(one, "CKV_AWS_27", "nothing secret goes through it");
    exceptAllFromScan(one, { CKV2_AWS_73: "nothing secret goes through it, again" });
  });
  const { "//": plain, ...without } = queue(() => undefined);
  expect(JSON.stringify(settings)).toEqual(JSON.stringify(without));
  expect(plain).toHaveProperty("metadata.path", "test/Queue");
  expect(comment).toEqual({
    ...(plain as object),
    scanExceptions: {
      CKV_AWS_27: "nothing secret goes through it",
      CKV2_AWS_73: "nothing secret goes through it, again",
    },
  });
});

test.each([
  ["CKV_AWS27", "a good reason", "test/Queue: a check is called like CKV_AWS_18 or CKV2_AWS_62, got CKV_AWS27"],
  ["CKV_AWS_27", "  because ", 'test/Queue: the exception from CKV_AWS_27 needs its reason, got "  because "'],
])("an exception from %s because of %j is refused", (check, because, sentence) => {
  expect(() => queue((one) => exceptFromScan(one, check, because))).toThrow(sentence);
});
