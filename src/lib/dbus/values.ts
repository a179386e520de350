/**
 * D-Bus' types as they come off the wire: y n q i u d h are numbers, x t bigints, b booleans, s o g strings, arrays and
 * structs arrays, dictionaries arrays of pairs, variants their content.
 */
export type DbusValue = number | bigint | boolean | string | readonly DbusValue[];

/** The name of an object below the path of systemd's units: what is no letter or digit, as `_xx` (sd_bus_path_encode(3)). */
export function pathElement(name: string): string {
  if (name === "") return "_";
  const escaped = (byte: number) => `_${byte.toString(16).padStart(2, "0")}`;
  const encode = (byte: number, at: number) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[A-Za-z]/.test(character) || (at > 0 && /[0-9]/.test(character));
    return isPlain ? character : escaped(byte);
  };
  return [...Buffer.from(name)].map(encode).join("");
}
