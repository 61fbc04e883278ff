import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { App, TerraformStack } from "cdktf";
import { exceptFromScan } from "../../constructs/shared/scan-exception";

/** Everybody may do everything. */
const everything = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
};

// what the scan has to find: a database that the internet reaches, a bucket that nothing guards, and what stands in JSON alone
const app = new App({ stackTraces: false });
const stack = new TerraformStack(app, "insecure");
new AwsProvider(stack, "Aws", { region: "us-east-1" });
new DbInstance(stack, "Database", {
  instanceClass: "db.t4g.micro",
  engine: "postgres",
  publiclyAccessible: true,
  storageEncrypted: true,
});
const bucket = new S3Bucket(stack, "Bucket", { bucket: "slipway-insecure" });
// nothing needs it: no ACL lets anybody read
exceptFromScan(bucket, "CKV_AWS_20", "this exception is needed by nothing");
new IamRolePolicy(stack, "Policy", {
  role: "somebody",
  policy: JSON.stringify({ ...everything, Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
});
new KmsKey(stack, "Key", { policy: JSON.stringify(everything) });
new SnsTopicPolicy(stack, "TopicPolicy", {
  arn: "arn:aws:sns:us-east-1:111111111111:topic",
  policy: JSON.stringify(everything),
});
new EcsTaskDefinition(stack, "Task", {
  family: "task",
  containerDefinitions: JSON.stringify([{ name: "app", image: "app", readonlyRootFilesystem: false }]),
});
app.synth();
