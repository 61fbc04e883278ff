/**
 * What tools need to know of an environment's images, version 1: JSON in the SSM parameter `<path>/images`. A field is added
 * without another version; a field that changes its meaning or goes is another version.
 */
export interface ImagesContract {
  readonly version: 1;
  readonly bucket: string;
  /** Region of the bucket. */
  readonly region: string;
  /** First part of every key, without a slash: an object is `<prefix>/<rest>`. */
  readonly prefix: string;
  /** `https://<host>`, without a slash at its end; a key after a slash makes the address of an object. */
  readonly baseUrl: string;
  /** Name of the IAM user that uploads from outside AWS. */
  readonly uploader: string;
  /** Name of the secret that holds this user's access key; it has no value until a key is issued. */
  readonly keySecret: string;
}

/** Name of the parameter, below an environment's path. */
export function imagesContractName(path: string): string {
  return `${path}/images`;
}
