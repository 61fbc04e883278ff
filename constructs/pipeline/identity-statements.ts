import { identities, identitiesOfAws, type PipelinePlace, type Statement } from "./place";

/** Services that are given a role of the environment. */
const passedTo = [
  "chatbot.amazonaws.com",
  "ec2.amazonaws.com",
  "ecs-tasks.amazonaws.com",
  "ecs.amazonaws.com",
  "events.amazonaws.com",
  "monitoring.rds.amazonaws.com",
  "scheduler.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
];

/** Roles of the environment alone, each with the boundary; users and groups for what has no role. */
export function identityStatements(place: PipelinePlace): Statement[] {
  const roles = identities(place, "role");
  const bounded = { StringEquals: { "iam:PermissionsBoundary": place.boundaryArn } };
  return [
    {
      Sid: "BoundedIdentities",
      Effect: "Allow",
      Action: [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:PutUserPermissionsBoundary",
      ],
      Resource: identities(place, "role", "user"),
      Condition: bounded,
    },
    {
      Sid: "Identities",
      Effect: "Allow",
      Action: [
        "iam:AddRoleToInstanceProfile",
        "iam:AddUserToGroup",
        "iam:CreateGroup",
        "iam:CreateInstanceProfile",
        // a user is removed with the keys and passwords that people gave it
        "iam:DeleteAccessKey",
        "iam:DeleteGroup",
        "iam:DeleteGroupPolicy",
        "iam:DeleteInstanceProfile",
        "iam:DeleteLoginProfile",
        "iam:DeleteRole",
        "iam:DeleteUser",
        "iam:PutGroupPolicy",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:RemoveUserFromGroup",
        "iam:TagInstanceProfile",
        "iam:TagRole",
        "iam:TagUser",
        "iam:UntagInstanceProfile",
        "iam:UntagRole",
        "iam:UntagUser",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ],
      Resource: identities(place, "role", "user", "group", "instance-profile"),
    },
    {
      Sid: "PassRoles",
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: roles,
      Condition: { StringEquals: { "iam:PassedToService": passedTo } },
    },
    ...identitiesOfAws(place),
  ];
}
