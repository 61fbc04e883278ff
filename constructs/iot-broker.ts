import { DataAwsIotEndpoint } from "@cdktf/provider-aws/lib/data-aws-iot-endpoint";
import { IotPolicy } from "@cdktf/provider-aws/lib/iot-policy";
import { IotThingType } from "@cdktf/provider-aws/lib/iot-thing-type";
import { Construct } from "constructs";
import { iotAlarms } from "./alarms/iot-alarms";
import { watchAll } from "./alarms/watch-all";
import type { Monitoring } from "./monitoring";
import { devicePolicy, serverStatements, type IotPlace } from "./mqtt/iot-policies";
import { devicesPrefix } from "./mqtt/topics";
import type { Context } from "./shared/context";
import type { Grantee } from "./shared/grantee";
import type { IotContract } from "./shared/mqtt-contract-v1";
import { terraformLiteral } from "./shared/terraform-literal";

/** MQTT over WebSockets, signed with a role: the one way in for a client without a certificate. */
const PORT = 443;

export interface IotBrokerProps {
  readonly context: Context;
  readonly monitoring?: Monitoring | undefined;
}

/**
 * AWS IoT Core, which is there in every account; what is made here is the place of this environment's devices on it: a type of
 * thing, and the one policy of all their certificates. Devices themselves are no business of Terraform: `npm run mqtt -- device`
 * adds and removes them, and `destroy` removes them before the policy, which AWS keeps while a certificate has it. A type of thing
 * is deleted five minutes after it was given up: AWS insists on it, and Terraform waits as long.
 *
 * How much AWS IoT logs is one setting per account and region, so that the stack that is deployed once per account makes it, not an
 * environment.
 */
export class IotBroker extends Construct {
  public readonly contract: IotContract;
  /** The endpoint of this account, with a certificate that chains to Amazon's own roots. */
  public readonly host: string;
  public readonly port = PORT;

  private readonly place: IotPlace;

  constructor(scope: Construct, id: string, { context, monitoring }: IotBrokerProps) {
    super(scope, id);
    const { account, environment, region } = context;
    this.place = { account, environment, region };
    const name = `${context.name}-device`;
    // nothing but a name: any other field would be another type when it changes, and AWS keeps this one while things have it
    const thingType = new IotThingType(this, "DeviceType", { name });
    const policy = new IotPolicy(this, "DevicePolicy", {
      name,
      policy: terraformLiteral(JSON.stringify(devicePolicy({ ...this.place, thingType: name }))),
    });
    const { endpointAddress } = new DataAwsIotEndpoint(this, "Endpoint", { endpointType: "iot:Data-ATS" });
    watchAll(this, monitoring, iotAlarms());

    this.host = endpointAddress;
    this.contract = {
      version: 1,
      engine: "iot-core",
      host: this.host,
      port: PORT,
      topicPrefix: devicesPrefix(environment),
      thingType: thingType.name,
      policy: policy.name,
    };
  }

  /** Let `grantee` connect as `<environment>-server-<anything>`, send commands to devices and hear what they say. */
  public grantServer(grantee: Grantee): void {
    for (const { Sid, Action, Resource } of serverStatements(this.place)) grantee.allow(Sid, Action, Resource);
  }
}
