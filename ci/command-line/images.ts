import type { Command } from "commander";
import { imagesKeyCommand, imagesUploadCommand } from "../commands/images";
import { described, json, type Open } from "./described";

/** `images`: put pictures up, and look after the key of those who do it from outside AWS. */
export function addImages(slipway: Command, open: Open): void {
  const images = described(
    slipway.command("images"),
    "upload images, and issue, rotate or revoke the uploader's access key",
    "npm run images -- upload dev photo.jpg",
  );
  described(
    images.command("upload <environment> <files...>"),
    "put images under keys of their content, and print their public addresses; what is there already is skipped",
    "npm run images -- upload dev photo.jpg logo.png",
  )
    .option(...json)
    .action((environment: string, files: string[], options: { json: boolean }) =>
      imagesUploadCommand(open(), { environment, files, ...options }),
    );
  described(
    images.command("key <environment>"),
    "issue the access key of the user that uploads from outside AWS, into Secrets Manager; it is never shown",
    "npm run images -- key prod --rotate",
  )
    .option("--rotate", "make a new key, and end the old one once nothing uses it; run it again to go on", false)
    .option("--revoke", "end every key at once", false)
    .option("--force", "with --rotate: end the old key even if it is still used", false)
    .option("--yes", "with --revoke: do not ask", false)
    .option(...json)
    .action(
      (
        environment: string,
        options: { rotate: boolean; revoke: boolean; force: boolean; yes: boolean; json: boolean },
      ) => imagesKeyCommand(open(), { environment, ...options }),
    );
}
