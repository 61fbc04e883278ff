import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";

export interface CertificateProps {
  /** First name of the certificate. */
  readonly domainName: string;
  /** Further names; wildcards allowed. Another set of names is another certificate. */
  readonly hosts: readonly string[];
  /** Hosted zone, already in Route 53, that holds all names. */
  readonly zoneId: string;
  /** Provider of the region that the certificate is for. Default: the stack's. */
  readonly provider?: TerraformProvider;
}

/**
 * A TLS certificate that AWS issues and renews by itself for as long as its records in DNS stay. A deploy waits until it is
 * issued: usually two to five minutes.
 */
export class Certificate extends Construct {
  /** ARN of the certificate, once it is issued. */
  public readonly arn: string;

  constructor(scope: Construct, id: string, { domainName, hosts, zoneId, ...placement }: CertificateProps) {
    super(scope, id);
    const certificate = new AcmCertificate(this, "Certificate", {
      domainName,
      ...(hosts.length === 0 ? {} : { subjectAlternativeNames: [...hosts] }),
      validationMethod: "DNS",
      tags: { Name: domainName },
      // what uses it changes over to the new one before the old one goes
      lifecycle: { createBeforeDestroy: true },
      ...placement,
    });
    const records = this.createRecords(certificate, [domainName, ...hosts], zoneId);
    this.arn = new AcmCertificateValidation(this, "Validation", {
      certificateArn: certificate.arn,
      validationRecordFqdns: records.map(({ fqdn }) => fqdn),
      ...placement,
    }).certificateArn;
  }

  private createRecords(certificate: AcmCertificate, names: readonly string[], zoneId: string): Route53Record[] {
    const records = new Construct(this, "Records");
    // a wildcard is proven by the record of the name that it is under
    const nameByProof = new Map(names.map((name) => [name.replace(/^\*\./, ""), name] as const));
    return [...nameByProof].map(([proof, name]) => {
      // found by name: the options are a set, and their order is not that of the names
      const of = (attribute: string): string =>
        `\${one([for option in ${certificate.terraformResourceType}.${certificate.friendlyUniqueId}.domain_validation_options : option.${attribute} if option.domain_name == "${name}"])}`;
      return new Route53Record(records, proof, {
        zoneId,
        name: of("resource_record_name"),
        type: "CNAME",
        records: [of("resource_record_value")],
        ttl: 300,
        // every certificate of an account for this name has this same record
        allowOverwrite: true,
      });
    });
  }
}
