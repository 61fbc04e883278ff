/** The one of `all` that belongs to a zone. */
export function inZone<T extends { readonly zone: string }>(all: readonly T[], zone: string | undefined): T {
  const found = all.find((one) => one.zone === zone);
  if (found === undefined)
    throw new Error(`nothing in zone ${zone ?? "without a letter"}, only in ${all.map((one) => one.zone).join(", ")}`);
  return found;
}
