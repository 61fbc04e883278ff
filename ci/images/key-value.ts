import * as z from "zod";
import type { ImagesContract } from "../../constructs/shared/images-contract-v1";
import type { KeyPair, NewKey } from "../aws/access-keys";
import { Hidden } from "../hidden";

const schema = z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/** The secret's value: everything that an uploader outside AWS has to know, as JSON. */
export function keyValue({ id, secret, created }: NewKey, images: ImagesContract): Hidden {
  const value = {
    accessKeyId: id,
    secretAccessKey: secret.reveal(),
    created: created.toISOString(),
    userName: images.uploader,
    bucket: images.bucket,
    prefix: images.prefix,
    region: images.region,
  };
  return new Hidden(JSON.stringify(value));
}

/** The key in a secret's value; none when somebody has put something else there. */
export function keyIn(value: Hidden): KeyPair | undefined {
  const { success, data } = schema.safeParse(parsed(value.reveal()));
  return success ? { id: data.accessKeyId, secret: new Hidden(data.secretAccessKey) } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the error would quote the value
    return undefined;
  }
}
