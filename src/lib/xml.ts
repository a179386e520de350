/** An element without its attributes, which the answers of AWS do not use. */
export interface XmlElement {
  readonly name: string;
  /** Of the element itself, without that of its children. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

export class XmlError extends Error {}

/**
 * Reads a document of elements and text. No document types, so no entities but the five of XML and those by number:
 * what a server sends cannot grow while it is read. Throws an XmlError.
 */
export function parseXml(document: string): XmlElement {
  const root: OpenElement = { name: "", text: "", children: [] };
  const open = [root];
  let end = 0;
  for (const match of document.matchAll(markup)) {
    const top = open.at(-1) ?? root;
    top.text += unescapeXml(document.slice(end, match.index));
    end = match.index + match[0].length;
    const { cdata, close, start, empty } = match.groups ?? {};
    if (cdata !== undefined) top.text += cdata;
    else if (start !== undefined) openElement(open, start, empty === "/");
    else if (close !== undefined) closeElement(open, close);
    else if (match[0] === "<") throw new XmlError(`a stray "<" at character ${match.index}`);
  }
  if (open.length > 1) throw new XmlError(`the document ends inside <${open.at(-1)?.name}>`);
  const [element, ...others] = root.children;
  if (element === undefined || others.length > 0 || (root.text + document.slice(end)).trim() !== "") {
    throw new XmlError("the document is not one element");
  }
  return element;
}

/** The first element at a path of names; undefined when there is none. */
export function xmlAt(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

/** The text at a path of names; "" when there is none. */
export function xmlText(element: XmlElement, ...path: readonly string[]): string {
  return xmlAt(element, ...path)?.text ?? "";
}

interface OpenElement extends XmlElement {
  text: string;
  readonly children: XmlElement[];
}

/** Deeper than any answer, and shallow enough for whoever walks the tree. */
const maxDepth = 100;

/** Comments, processing instructions, CDATA, tags; a `<` that begins none of them stands for itself. */
const markup =
  /<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(?<cdata>.*?)\]\]>|<\/(?<close>[^\s<>/]+)\s*>|<(?<start>[^\s<>/!?]+)(?:\s[^<>]*?)?(?<empty>\/?)>|</gs;

function openElement(open: OpenElement[], qualified: string, isEmpty: boolean): void {
  const element = { name: localName(qualified), text: "", children: [] };
  open.at(-1)?.children.push(element);
  if (isEmpty) return;
  if (open.push(element) > maxDepth) throw new XmlError(`elements are nested more than ${maxDepth} deep`);
}

function closeElement(open: OpenElement[], qualified: string): void {
  const element = open.length > 1 ? open.pop() : undefined;
  if (element?.name !== localName(qualified)) throw new XmlError(`</${qualified}> closes nothing`);
  // What stands between children is there to be pretty.
  if (element.children.length > 0) element.text = element.text.trim();
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(":") + 1);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([^\s&;]*));?/g, (all, hex, decimal, name) => {
    if (!all.endsWith(";")) throw new XmlError(`"${all}" is not an entity`);
    if (name !== undefined) return entities[name] ?? unknownEntity(all);
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : unknownEntity(all);
  });
}

function unknownEntity(text: string): never {
  throw new XmlError(`"${text}" is not an entity`);
}
