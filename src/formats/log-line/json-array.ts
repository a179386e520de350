/** The elements of a JSON array, each exactly as it is written; undefined if the text is none. */
export function splitJsonArray(text: string): string[] | undefined {
  const array = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (!array.startsWith("[") || !isJson(array)) return undefined;
  const inside = array.slice(1, -1).trim();
  if (inside === "") return [];
  let from = 0;
  const elements = outerCommas(inside).map((comma) => {
    const element = inside.slice(from, comma).trim();
    from = comma + 1;
    return element;
  });
  return [...elements, inside.slice(from).trim()];
}

/** Where the commas are that are in no string, list or object. */
function outerCommas(json: string): number[] {
  const commas: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]/g)) {
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (token === "," && depth === 0) commas.push(index);
  }
  return commas;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
