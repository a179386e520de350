/** A line of a config file without its secrets. */
export interface MaskedLine {
  readonly text: string;
  /** Where a column of the line as it is written (counted from one) is in `text`. */
  column(written: number): number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Lines are shown as they stand in the file, so the secrets in them must be left out. The text is looked at, not the
 * tree: a file that does not parse has secrets too. To hide too much does no harm.
 */
export function maskSecrets(lines: readonly string[]): MaskedLine[] {
  /** The column of the key whose secret value goes on below it. */
  let open: number | undefined;
  return lines.map((line) => {
    if (open !== undefined && isBelow(line, open))
      return mask(line, [{ start: line.search(/\S|$/), end: line.length }]);
    open = openSecret(line);
    return mask(line, [...proxyHeaders(line), ...secretValues(line), ...urlPasswords(line)]);
  });
}

/** YAML has a colon behind it, Alloy an equals sign. */
const secretKey = String.raw`[\w.-]*(?:password|passwd|secrets?|token|credentials|authorization|proxy_connect_header|key_pem|(?<=^|[\s"'{,._-])key)["']?\s*[:=]`;

/** The items of a list may stand as far left as its key. */
function isBelow(line: string, column: number): boolean {
  const indent = line.search(/\S|$/);
  return line.trim() === "" || indent > column || (indent === column && /^\s*-\s/.test(line));
}

/** The column of a secret key whose value does not end on this line, or may not. */
function openSecret(line: string): number | undefined {
  const match = new RegExp(String.raw`${secretKey}(?:(?:\s+|(?=["'[]))(?<value>.*))?$`, "i").exec(line);
  if (match === null) return undefined;
  const value = match.groups?.value ?? "";
  // What authorization holds is mostly a mapping, and its own keys tell which of it is secret.
  const isProxyHeader = /proxy_connect_header/i.test(match[0]);
  const isMapping =
    (/[{}]/.test(value) && !isProxyHeader) || (/^(#.*)?$/.test(value) && /authorization/i.test(match[0]));
  const isComplete = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[.*\])/.test(value);
  return isMapping || isComplete || isReference(value) ? undefined : match.index;
}

/** `${env:PASSWORD}` is no secret, and is often the mistake itself. A default may be one. */
function isReference(value: string): boolean {
  return /^(["']?)\$\{(?:(?!:-)[^}])*\}\1\s*([,}#]|$)/.test(value);
}

function secretValues(line: string): Span[] {
  // Between braces a value ends at a comma; elsewhere a comma is part of it.
  const inBraces = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|\[[^\]]*\]?|[^\s{#|>][^,}]*`;
  const pattern = new RegExp(String.raw`${secretKey}(?:\s+|(?=["'[]))(${inBraces})`, "gdi");
  return [...line.matchAll(pattern)].flatMap(({ index, indices }) => {
    const [start = 0, end = 0] = indices?.[1] ?? [];
    if (isReference(line.slice(start))) return [];
    const isInBraces = /[{[]/.test(line.slice(0, index));
    return [{ start, end: line.slice(0, isInBraces ? end : undefined).trimEnd().length }];
  });
}

/** Their names are the user's own, so what is between the braces is hidden as a whole. */
function proxyHeaders(line: string): Span[] {
  const [match] = line.matchAll(/proxy_connect_header["']?\s*[:=]\s*(\{.*)/dg);
  const [start = 0] = match?.indices?.[1] ?? [];
  return match === undefined ? [] : [{ start, end: line.trimEnd().length }];
}

/** Also those that make the URL wrong: such a line is shown for that very reason. */
function urlPasswords(line: string): Span[] {
  return [...line.matchAll(/\/\/[^\s/:@]*:(\S+)@/dg)].map(({ indices }) => {
    const [start = 0, end = 0] = indices?.[1] ?? [];
    return { start, end };
  });
}

const placeholder = "<secret>";

function mask(line: string, spans: readonly Span[]): MaskedLine {
  const hidden = spans
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start, end }, at, all) => end > start && start >= (all[at - 1]?.end ?? 0));
  const text = hidden.reduceRight((rest, { start, end }) => rest.slice(0, start) + placeholder + rest.slice(end), line);
  return { text, column: (written) => moved(written - 1, hidden) + 1 };
}

/** Where an offset of the line is once the spans are placeholders; inside a span it is the placeholder's begin. */
function moved(offset: number, hidden: readonly Span[]): number {
  let shift = 0;
  for (const { start, end } of hidden) {
    if (offset < start) break;
    if (offset < end) return start + shift;
    shift += placeholder.length - (end - start);
  }
  return offset + shift;
}
