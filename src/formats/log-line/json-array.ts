/** The elements of a JSON array, each exactly as it is written; undefined if the text is none. */
export function splitJsonArray(text: string): string[] | undefined {
  if (!/^[ \t\r\n]*\[/.test(text) || !isJson(text)) return undefined;
  const elements: string[] = [];
  let depth = 0;
  let from = 0;
  // What is valid is cut by its brackets and commas; the ones in strings do not count.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]/g)) {
    if (depth === 1 && (token === "," || token === "]")) elements.push(text.slice(from, index).trim());
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth === 1 && (token === "," || from === 0)) from = index + 1;
  }
  return elements.length === 1 && elements[0] === "" ? [] : elements;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
