/** An Error that begins with the place in the template: `line 2, column 7: …`. */
export function failureAt(source: string, at: number, message: string): Error {
  const before = source.slice(0, at).split("\n");
  return new Error(`line ${before.length}, column ${[...(before.at(-1) ?? "")].length + 1}: ${message}`);
}
