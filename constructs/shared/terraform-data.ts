import { TerraformResource, type TerraformResourceLifecycle, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

export interface TerraformDataProps {
  /** What is remembered; it comes back as the attribute `output`. */
  readonly input?: Readonly<Record<string, string>>;
  readonly dependsOn?: ITerraformDependable[];
  readonly lifecycle?: TerraformResourceLifecycle;
}

/**
 * Terraform's built-in `terraform_data`: a value in the state, and an id that no other has. cdktf's `DataResource` is the same
 * but runs `terraform version` at every synthesis (a third of a second each), and fails where there is only OpenTofu or neither.
 */
export class TerraformData extends TerraformResource {
  public static readonly tfResourceType = "terraform_data";
  private readonly input: TerraformDataProps["input"];

  constructor(scope: Construct, id: string, { input, ...config }: TerraformDataProps = {}) {
    super(scope, id, { terraformResourceType: TerraformData.tfResourceType, ...config });
    this.input = input;
  }

  public get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.input === undefined ? {} : { input: this.input };
  }
}
