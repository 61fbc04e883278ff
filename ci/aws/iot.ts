import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  paginateListAttachedPolicies,
  paginateListCertificates,
  paginateListPrincipalThings,
  paginateListTargetsForPolicy,
  paginateListThingPrincipals,
  paginateListThings,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from "@aws-sdk/client-iot";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** A device as AWS knows it. */
export interface Thing {
  readonly name: string;
  readonly type: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a list says of a certificate. */
export interface CertificateSummary {
  readonly id: string;
  readonly arn: string;
  /** `ACTIVE`, `INACTIVE`, `REVOKED`, ... */
  readonly status: string;
  readonly created: Date | undefined;
}

export interface Certificate extends CertificateSummary {
  readonly pem: string;
}

/**
 * The calls of AWS IoT that Terraform does not make: devices and their certificates. What is to go and is gone already is no error:
 * the SDK repeats a call whose answer was lost.
 */
export class Iot {
  private readonly client: IoTClient;
  /** Asks once: what is asked for twice would be there twice, and the first one would be nobody's. */
  private readonly once: IoTClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    const settings = clientSettings(env, region, "IOT");
    this.client = new IoTClient(settings);
    this.once = new IoTClient({ ...settings, maxAttempts: 1 });
  }

  /** None when there is no such thing. */
  async thing(name: string): Promise<Thing | undefined> {
    try {
      const { thingTypeName: type, attributes = {} } = await this.client.send(
        new DescribeThingCommand({ thingName: name }),
      );
      return { name, type, attributes };
    } catch (error) {
      if (errorName(error) === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  async thingsOfType(type: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { things = [] } of paginateListThings({ client: this.client }, { thingTypeName: type })) {
      names.push(...things.flatMap(({ thingName: name }) => name ?? []));
    }
    return names;
  }

  async createThing({ name, type, attributes }: Thing): Promise<void> {
    await this.client.send(
      new CreateThingCommand({
        thingName: name,
        thingTypeName: type,
        attributePayload: { attributes: { ...attributes } },
      }),
    );
  }

  /** Set some attributes, and leave the others. */
  async setAttributes(name: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    await this.client.send(
      new UpdateThingCommand({ thingName: name, attributePayload: { attributes: { ...attributes }, merge: true } }),
    );
  }

  async deleteThing(name: string): Promise<void> {
    await unlessGone(this.client.send(new DeleteThingCommand({ thingName: name })));
  }

  /** ARNs of the certificates that are attached to a thing. */
  async certificatesOf(thing: string): Promise<string[]> {
    const arns: string[] = [];
    for await (const page of paginateListThingPrincipals({ client: this.client }, { thingName: thing })) {
      arns.push(...(page.principals ?? []).filter((arn) => arn.includes(":cert/")));
    }
    return arns;
  }

  async thingsOf(certificateArn: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { things = [] } of paginateListPrincipalThings(
      { client: this.client },
      { principal: certificateArn },
    )) {
      names.push(...things);
    }
    return names;
  }

  /** Every certificate of the account in this region. */
  async *certificates(): AsyncGenerator<CertificateSummary> {
    for await (const { certificates = [] } of paginateListCertificates({ client: this.client }, { pageSize: 250 })) {
      for (const { certificateId: id, certificateArn: arn, status, creationDate: created } of certificates) {
        if (id !== undefined && arn !== undefined) yield { id, arn, status: status ?? "", created };
      }
    }
  }

  async certificate(id: string): Promise<Certificate> {
    const { certificateDescription: found } = await this.client.send(
      new DescribeCertificateCommand({ certificateId: id }),
    );
    return {
      id,
      arn: found?.certificateArn ?? "",
      status: found?.status ?? "",
      created: found?.creationDate,
      pem: found?.certificatePem ?? "",
    };
  }

  /**
   * A certificate that nobody can connect with yet; gives its id. The same request twice makes two, so an answer that is lost is an
   * error: the certificate is found by its key.
   */
  async createCertificate(csr: string): Promise<string> {
    const { certificateId: id = "" } = await this.once.send(
      new CreateCertificateFromCsrCommand({ certificateSigningRequest: csr, setAsActive: false }),
    );
    return id;
  }

  async setCertificateStatus(id: string, status: "ACTIVE" | "INACTIVE"): Promise<void> {
    await this.client.send(new UpdateCertificateCommand({ certificateId: id, newStatus: status }));
  }

  async deleteCertificate(id: string): Promise<void> {
    await unlessGone(this.client.send(new DeleteCertificateCommand({ certificateId: id })));
  }

  /** Give a certificate to a thing, and to no other. */
  async attachThing(thing: string, certificateArn: string): Promise<void> {
    await this.client.send(
      new AttachThingPrincipalCommand({
        thingName: thing,
        principal: certificateArn,
        thingPrincipalType: "EXCLUSIVE_THING",
      }),
    );
  }

  async detachThing(thing: string, certificateArn: string): Promise<void> {
    await unlessGone(
      this.client.send(new DetachThingPrincipalCommand({ thingName: thing, principal: certificateArn })),
    );
  }

  async policiesOf(certificateArn: string): Promise<string[]> {
    const names: string[] = [];
    const query = { target: certificateArn };
    for await (const { policies = [] } of paginateListAttachedPolicies({ client: this.client }, query)) {
      names.push(...policies.flatMap(({ policyName: name }) => name ?? []));
    }
    return names;
  }

  /** ARNs of what a policy is attached to; none when there is no such policy. */
  async targetsOf(policy: string): Promise<string[]> {
    const arns: string[] = [];
    try {
      for await (const page of paginateListTargetsForPolicy({ client: this.client }, { policyName: policy })) {
        arns.push(...(page.targets ?? []));
      }
      return arns;
    } catch (error) {
      if (errorName(error) === "ResourceNotFoundException") return [];
      throw error;
    }
  }

  async attachPolicy(policy: string, certificateArn: string): Promise<void> {
    await this.client.send(new AttachPolicyCommand({ policyName: policy, target: certificateArn }));
  }

  async detachPolicy(policy: string, target: string): Promise<void> {
    await unlessGone(this.client.send(new DetachPolicyCommand({ policyName: policy, target })));
  }
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (errorName(error) !== "ResourceNotFoundException") throw error;
  }
}

/** The id in a certificate's ARN. */
export function certificateId(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
