import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SavedPosition } from "../../src/engines/tail/positions.ts";
import { eventually } from "./eventually.ts";
import { LogFolder } from "./log-folder.ts";
import type { TestProcess } from "./process.ts";
import type { AgentCase } from "./reading-cases.ts";
import { sonde } from "./sonde.ts";
import { type StrictLoki, startStrictLoki } from "./strict-loki.ts";
import { tempDir } from "./temp-dir.ts";

/** Loki takes all at once here: how fast it may be is not what is tested. */
const limits = {
  rateBytes: 2 ** 40,
  burstBytes: 2 ** 40,
  streamRateBytes: 2 ** 40,
  streamBurstBytes: 2 ** 40,
  maxStreams: 2 ** 20,
};

/** A case, the folder that it happens in, and the component that follows it. */
export class LogScene {
  readonly id: string;
  readonly case: AgentCase;
  readonly folder: LogFolder;
  /** How often each entry came. */
  readonly arrived = new Map<string, number>();

  constructor(id: string, one: AgentCase, logDir: string) {
    this.id = id;
    this.case = one;
    this.folder = new LogFolder(logDir);
    mkdirSync(logDir, { recursive: true });
  }

  begin(): void {
    if (this.case.before === undefined) this.write(10);
    else this.case.before(this.folder);
  }

  write(lines: number): void {
    this.folder.writeLines(this.case.active ?? "a.log", lines);
  }

  /** What must be there by now. */
  get due(): readonly string[] {
    return this.case.isLastOpen ? this.folder.written.slice(0, -1) : this.folder.written;
  }

  get lost(): string[] {
    const lines = new Set(this.#partsOf([...this.arrived.keys()]));
    return this.due.filter((entry) => this.#partsOf([entry]).some((part) => !lines.has(part)));
  }

  /** What nobody wrote. */
  get strange(): string[] {
    const written = new Set(this.#partsOf(this.folder.written));
    return [...this.arrived.keys()].filter((entry) => this.#partsOf([entry]).some((part) => !written.has(part)));
  }

  /** A block that is open at a stop is sent as far as it goes, so what counts are its lines. */
  #partsOf(entries: readonly string[]): readonly string[] {
    return this.case.isLastOpen ? entries.flatMap((entry) => entry.split("\n")) : entries;
  }

  /** How many of these entries came once too often. */
  repeated(lines: readonly string[]): number {
    return lines.reduce((sum, line) => sum + Math.max(0, (this.arrived.get(line) ?? 0) - 1), 0);
  }
}

/** A whole agent that follows a folder for each case, and the Loki that it sends to. It lives as often as it is started. */
export class LogAgent implements AsyncDisposable {
  readonly scenes: readonly LogScene[];
  readonly #dir = tempDir();
  #loki: StrictLoki;
  #counted = 0;
  #process: TestProcess | undefined;
  #url = "";
  /** What the agent said, life by life, of bytes that it could not read any more. */
  lostBytes = 0;
  /** How often it was stopped or killed. */
  ends = 0;

  static async of(cases: readonly AgentCase[]): Promise<LogAgent> {
    return new LogAgent(cases, await startStrictLoki({ limits }));
  }

  private constructor(cases: readonly AgentCase[], loki: StrictLoki) {
    this.#loki = loki;
    this.scenes = cases.map((one, at) => new LogScene(`case_${at}`, one, join(this.#dir.path, "logs", String(at))));
    writeFileSync(join(this.#dir.path, "sonde.yaml"), JSON.stringify(this.#config));
  }

  /** What else is sent, to fill the queue. */
  get fillerPath(): string {
    return join(this.#dir.path, "filler.log");
  }

  get loki(): StrictLoki {
    return this.#loki;
  }

  get process(): TestProcess {
    if (this.#process === undefined) throw new Error("the agent does not run");
    return this.#process;
  }

  async start(): Promise<void> {
    const data = join(this.#dir.path, "data");
    const args = ["run", join(this.#dir.path, "sonde.yaml"), "--storage.path", data];
    const started = sonde([...args, "--http.listen-address", "127.0.0.1:0"]);
    this.#process = started;
    // Several start at a time.
    const [, url = ""] = await eventually(() => started.output(/Look at +(http:\/\/\S+?)\/ /));
    this.#url = url;
  }

  /** Adds what the agent of this life says. */
  async noteLost(): Promise<void> {
    this.lostBytes += await this.#metric("loki_source_file_lost_bytes_total");
  }

  /** In good order. */
  async stop(): Promise<void> {
    await this.noteLost();
    this.ends++;
    await this.process.stop();
    this.#process = undefined;
  }

  async kill(): Promise<void> {
    this.ends++;
    this.process.kill("SIGKILL");
    await this.process.exited;
    this.#process = undefined;
  }

  /** Everything that is due is there. */
  async allArrive(): Promise<void> {
    await eventually(() => {
      this.count();
      const lost = this.scenes.flatMap((scene) =>
        scene.lost.map((line) => `${scene.case.name}: ${line.slice(0, 200)}`),
      );
      if (lost.length > 0) throw new Error(`${lost.length} entries are not there\n${lost.slice(0, 20).join("\n")}`);
    }, 90_000);
  }

  /** Looks through what has come since the last time. */
  count(): number {
    const byId = new Map(this.scenes.map((scene) => [scene.id, scene]));
    for (; this.#counted < this.#loki.entries.length; this.#counted++) {
      const { stream, line } = this.#loki.entries[this.#counted]!;
      const arrived = byId.get(stream[stream.indexOf("case") + 1] ?? "")?.arrived;
      arrived?.set(line, (arrived.get(line) ?? 0) + 1);
    }
    return this.#counted;
  }

  /** Every position that a component has is in its snapshot. */
  async allSaved(): Promise<void> {
    for (const { id } of this.scenes) {
      await eventually(async () => {
        const saved = new Map(this.#saved(id).map(({ path, offset }) => [path, offset]));
        const { files } = (await this.#debug(`loki.source.file.${id}`)) as {
          files: { path: string; offset: number }[];
        };
        const behind = files.filter(({ path, offset }) => saved.get(path) !== offset);
        if (behind.length > 0) throw new Error(`not in the snapshot yet: ${JSON.stringify(behind)}`);
      }, 60_000);
    }
  }

  /** The queue has so many entries that Loki has not. */
  async queued(entries: number): Promise<void> {
    await eventually(async () => {
      const pending = await this.#metric("pending_entries");
      if (pending < entries) throw new Error(`${pending} of ${entries} entries are in the queue`);
    }, 60_000);
  }

  damagePositions({ id }: LogScene): void {
    writeFileSync(this.#positionsPath(id), "{");
  }

  async lokiGoes(): Promise<void> {
    await this.#loki.close();
  }

  async lokiComes(): Promise<void> {
    this.#loki = await startStrictLoki({ port: this.#loki.port, after: this.#loki, limits });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) await this.kill();
    await this.#loki.close();
    this.#dir.remove();
  }

  get #config(): object {
    const entries = this.scenes.flatMap(({ id, case: { patterns = ["*.log"], source, stages }, folder }) => {
      const next = stages === undefined ? "loki.write.sink" : `loki.process.${id}`;
      const paths = patterns.map((pattern) => folder.path(pattern));
      return [
        [`loki.source.file.${id}`, { ...source, paths, labels: { case: id }, forward_to: [next] }],
        ...(stages === undefined ? [] : [[next, { stages, forward_to: ["loki.write.sink"] }]]),
      ];
    });
    return {
      // A receiver that is down is not waited for in vain.
      storage: { shutdown_timeout: "4s" },
      ...Object.fromEntries(entries),
      "loki.source.file.filler": {
        paths: [this.fillerPath],
        labels: { case: "filler" },
        forward_to: ["loki.write.sink"],
      },
      "loki.write.sink": {
        batch_wait: "100ms",
        endpoints: [{ url: this.#loki.url, min_backoff_period: "50ms", max_backoff_period: "500ms" }],
        queue_config: { max_bytes: "1MiB", min_free: "0B" },
      },
    };
  }

  #positionsPath(id: string): string {
    return join(this.#dir.path, "data", `loki.source.file.${id}`, "positions.json");
  }

  #saved(id: string): readonly SavedPosition[] {
    return (JSON.parse(readFileSync(this.#positionsPath(id), "utf8")) as { positions: SavedPosition[] }).positions;
  }

  async #debug(id: string): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/components/${id}`);
    return ((await response.json()) as { data: { debug: unknown } }).data.debug;
  }

  /** All series of the name, added up. */
  async #metric(name: string): Promise<number> {
    const page = await (await fetch(`${this.#url}/metrics`)).text();
    const values = page.matchAll(new RegExp(`^\\w*${name}(?:\\{.*\\})? (\\S+)$`, "gm"));
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  }
}
