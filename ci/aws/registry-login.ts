import { DescribeImagesCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { CommandError } from "../exit-codes";
import { Hidden } from "../hidden";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** What a program that pushes images logs in with; it is worth twelve hours. */
export interface RegistryLogin {
  /** Host name, as images are called by. */
  readonly server: string;
  readonly user: string;
  readonly password: Hidden;
}

/** The image repositories of one account, as a build sees them. */
export class Registry {
  private readonly client: ECRClient;

  constructor(
    env: Readonly<Record<string, string>>,
    region: string,
    /** Account that the repositories are in. */
    private readonly account: string,
  ) {
    this.client = new ECRClient(clientSettings(env, region, "ECR"));
  }

  async login(server: string): Promise<RegistryLogin> {
    const { authorizationData: [data] = [] } = await this.client.send(new GetAuthorizationTokenCommand({}));
    const [user = "", ...rest] = Buffer.from(data?.authorizationToken ?? "", "base64")
      .toString("utf8")
      .split(":");
    if (user === "" || rest.length === 0) throw new CommandError("the registry has given no login: try again");
    return { server, user, password: new Hidden(rest.join(":")) };
  }

  /**
   * Digest of the image with a tag; none when there is no such image.
   *
   * @throws CommandError when there is no such repository
   */
  async digestOf(repository: string, tag: string): Promise<string | undefined> {
    try {
      const { imageDetails: [image] = [] } = await this.client.send(
        new DescribeImagesCommand({
          registryId: this.account,
          repositoryName: repository,
          imageIds: [{ imageTag: tag }],
        }),
      );
      return image?.imageDigest;
    } catch (error) {
      if (errorName(error) === "ImageNotFoundException") return undefined;
      if (errorName(error) !== "RepositoryNotFoundException") throw error;
      throw new CommandError(`there is no repository ${repository} yet: npm run deploy -- registry`);
    }
  }
}
