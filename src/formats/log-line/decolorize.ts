import { stripVTControlCharacters } from "node:util";

/** The line without terminal escape sequences: colours, cursor moves, titles, hyperlinks. */
export function decolorize(line: string): string {
  return line.includes("\u001b") || line.includes("\u009b") ? stripVTControlCharacters(line) : line;
}
