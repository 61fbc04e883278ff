/** An element with what is in it; text between elements must be blank. */
export interface Xml {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Xml[];
}

const TOKEN = /<(\/?)([A-Za-z][\w]*)((?:\s+[A-Za-z]\w*="[^"<>]*")*)\s*(\/?)>|([^<]+)|(<)/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** Read a document of elements and attributes, strictly: what is not well-formed throws. */
export function readXml(text: string): Xml {
  const open: { name: string; attributes: Record<string, string>; children: Xml[] }[] = [
    { name: "", attributes: {}, children: [] },
  ];
  for (const [token, closes, name, attributes, empty, between] of text
    .replace(/^<\?xml [^?]*\?>/, "")
    .matchAll(TOKEN)) {
    if (between !== undefined && between.trim() === "") continue;
    if (name === undefined) throw new Error(`not XML: ${token}`);
    if (closes === "/") {
      if (open.length < 2 || open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const element = { name, attributes: attributesOf(attributes ?? ""), children: [] };
    open.at(-1)?.children.push(element);
    if (empty !== "/") open.push(element);
  }
  const [document, ...unclosed] = open;
  const [root, ...more] = document?.children ?? [];
  if (root === undefined || more.length > 0 || unclosed.length > 0) throw new Error("not one whole element");
  return root;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, key = "", value = ""] of text.matchAll(/([A-Za-z]\w*)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`${key} stands twice`);
    attributes[key] = value.replace(/&(\w*);?/g, (entity, short: string) => {
      const meant = ENTITIES[short];
      if (meant === undefined || !entity.endsWith(";")) throw new Error(`${entity} stands for nothing`);
      return meant;
    });
  }
  return attributes;
}
