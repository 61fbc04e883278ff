import { identities, inRegion, nameOf, type NamedPolicy, type PipelinePlace, regional, repositoryArns } from "./place";

/** What it takes to look at an image: its manifest, and the layer that says for which platform it is. */
const look = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"];

/** What `build` does: new images, and no word of an environment. */
export function pushPolicies(place: PipelinePlace): NamedPolicy[] {
  return [
    {
      name: "push",
      statements: [
        { Sid: "Login", Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
        {
          Sid: "Push",
          Effect: "Allow",
          Action: [
            ...look,
            "ecr:BatchCheckLayerAvailability",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
          ],
          Resource: repositoryArns(place),
        },
      ],
    },
  ];
}

/** What `release`, `rollback`, `status` and `logs` do in an environment; nothing of it changes the infrastructure. */
export function releasePolicies(place: PipelinePlace): NamedPolicy[] {
  const name = nameOf(place);
  const path = `${place.project}/${place.stack}`;
  return [
    {
      // apart, since twenty repositories take half of what a policy may be long
      name: "release-images",
      statements: [
        {
          // the tag of the release, on an image that is there
          Sid: "TagImages",
          Effect: "Allow",
          Action: [...look, "ecr:PutImage"],
          Resource: repositoryArns(place),
        },
      ],
    },
    {
      name: "release",
      statements: [
        {
          Sid: "Look",
          Effect: "Allow",
          Action: [
            "cloudwatch:DescribeAlarms",
            "ec2:DescribeSubnets",
            "ecs:DescribeTaskDefinition",
            "ecs:ListTaskDefinitions",
            "logs:DescribeLogGroups",
          ],
          Resource: ["*"],
          Condition: inRegion(place),
        },
        {
          Sid: "Revisions",
          Effect: "Allow",
          Action: ["ecs:RegisterTaskDefinition"],
          Resource: ["*"],
          Condition: inRegion(place),
        },
        {
          Sid: "Services",
          Effect: "Allow",
          Action: [
            "ecs:DescribeServiceDeployments",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListServiceDeployments",
            "ecs:StopServiceDeployment",
            "ecs:StopTask",
            "ecs:TagResource",
            "ecs:UpdateService",
          ],
          Resource: regional(
            place,
            "ecs",
            `cluster/${name}`,
            `service/${name}/*`,
            `service-deployment/${name}/*`,
            `service-revision/${name}/*`,
            `task/${name}/*`,
            `task-definition/${name}-*:*`,
          ),
        },
        {
          // lists no resource: the cluster is a condition
          Sid: "ListTasks",
          Effect: "Allow",
          Action: ["ecs:ListTasks"],
          Resource: ["*"],
          Condition: { ArnEquals: { "ecs:cluster": regional(place, "ecs", `cluster/${name}`)[0] ?? "" } },
        },
        {
          Sid: "RunTasks",
          Effect: "Allow",
          Action: ["ecs:RunTask"],
          Resource: regional(place, "ecs", `task-definition/${name}-*:*`),
          Condition: { ArnEquals: { "ecs:cluster": regional(place, "ecs", `cluster/${name}`)[0] ?? "" } },
        },
        {
          Sid: "PassTaskRoles",
          Effect: "Allow",
          Action: ["iam:PassRole"],
          Resource: identities(place, "role")
            .map((path) => path.replace(/\*$/, `${name}-*-`))
            .flatMap((start) => [`${start}execution`, `${start}task`]),
          Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
        },
        {
          Sid: "PassScheduleRoles",
          Effect: "Allow",
          Action: ["iam:PassRole"],
          Resource: identities(place, "role").map((path) => path.replace(/\*$/, `${name}-*-schedule`)),
          Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
        },
        {
          Sid: "LookAtTaskRoles",
          Effect: "Allow",
          Action: ["iam:GetRole"],
          Resource: identities(place, "role"),
        },
        {
          Sid: "Schedules",
          Effect: "Allow",
          Action: ["scheduler:GetSchedule", "scheduler:UpdateSchedule"],
          Resource: regional(place, "scheduler", `schedule/${name}/*`),
        },
        {
          Sid: "Logs",
          Effect: "Allow",
          Action: ["logs:FilterLogEvents", "logs:GetLogEvents"],
          Resource: regional(place, "logs", `log-group:/${path}/tasks/*`),
        },
        {
          Sid: "Contract",
          Effect: "Allow",
          Action: ["ssm:GetParameter", "ssm:GetParametersByPath"],
          Resource: regional(place, "ssm", `parameter/${path}/*`),
        },
        {
          Sid: "MarksAndLock",
          Effect: "Allow",
          Action: ["ssm:DeleteParameter", "ssm:PutParameter"],
          Resource: regional(place, "ssm", `parameter/${path}/lock/release`, `parameter/${path}/released/*`),
        },
        {
          Sid: "Alarms",
          Effect: "Allow",
          Action: ["cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions"],
          Resource: regional(place, "cloudwatch", `alarm:${name}-*`),
        },
        {
          Sid: "FirstScaling",
          Effect: "Allow",
          Action: ["application-autoscaling:RegisterScalableTarget"],
          Resource: regional(place, "application-autoscaling", "scalable-target/*"),
          Condition: inRegion(place),
        },
        {
          // whether a secret has its keys is looked at before a release, else tasks would die of it
          Sid: "CheckSecrets",
          Effect: "Allow",
          Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
          Resource: regional(
            place,
            "secretsmanager",
            ...["database/app-*", "database/migrator-*", "mqtt/*", "secrets/*"].map(
              (name) => `secret:/${path}/${name}`,
            ),
          ),
        },
      ],
    },
  ];
}
