/** A construct id from a natural key: `ecr.api` becomes `EcrApi`, `image-resizer` becomes `ImageResizer`. */
export function pascalCase(key: string): string {
  return key
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
