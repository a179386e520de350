import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** A folder that programs write logs to, and the entries that must come of them: each exists once. */
export class LogFolder {
  readonly logDir: string;
  readonly written: string[] = [];

  constructor(logDir: string) {
    this.logDir = logDir;
  }

  path(name: string): string {
    return join(this.logDir, name);
  }

  write(name: string, text: string | Buffer): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    appendFileSync(this.path(name), text);
  }

  /** New lines, which must arrive. */
  linesFor(name: string, count: number): string[] {
    const first = this.written.length;
    const lines = Array.from({ length: count }, (_, at) => `line ${first + at} first written to ${name}`);
    this.written.push(...lines);
    return lines;
  }

  writeLines(name: string, count: number): void {
    const lines = this.linesFor(name, count);
    this.write(name, lines.map((line) => `${line}\n`).join(""));
  }
}
