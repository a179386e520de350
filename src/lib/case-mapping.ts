/**
 * Go's `strings.ToLower`: each character for itself and always to one character, where JavaScript maps İ to two and
 * looks at what stands around a sigma.
 */
export function lowercase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCharacters(text, lower);
}

/** Go's `strings.ToUpper`: ß, which has no single capital of its own, stays as it is. */
export function uppercase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, upper);
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function mapCharacters(text: string, map: (character: string) => string): string {
  let mapped = "";
  for (const character of text) mapped += map(character);
  return mapped;
}

function lower(character: string): string {
  return character === "İ" ? "i" : single(character.toLowerCase(), character);
}

function upper(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x1f80 && code <= 0x1fff && character.length === 1) {
    const distance = iotaDistance(code);
    if (distance !== 0) return String.fromCharCode(code + distance);
  }
  return single(character.toUpperCase(), character);
}

/** Greek vowels with an iota written below: JavaScript writes their capitals as two letters, Unicode has one for each. */
function iotaDistance(code: number): number {
  if (code <= 0x1fa7 && (code & 0x08) === 0) return 8;
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? 9 : 0;
}

function single(mapped: string, otherwise: string): string {
  const code = mapped.codePointAt(0) ?? 0;
  return mapped.length === (code > 0xffff ? 2 : 1) ? mapped : otherwise;
}
