import type { IncomingMessage } from "node:http";
import { Backoff } from "../../lib/backoff.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { every } from "../../lib/every.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { ListenError, type Listener, listenHttp } from "../../lib/http-server.ts";
import { formatAddress, isLoopback, type ListenAddress, urlOf } from "../../lib/listen-address.ts";
import type { Logger } from "../../lib/logger.ts";
import type { TlsServerSettings } from "../../lib/tls-server.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { landingPage } from "./landing-page.ts";
import type { MetricsPage } from "./metrics-page.ts";
import { WebConfigError } from "./web-config.ts";
import type { LoadedWebConfig, WebConfigFile } from "./web-config-file.ts";
import { WebGate } from "./web-gate.ts";

export interface ExposeServerOptions {
  readonly address: ListenAddress;
  readonly telemetryPath: string;
  readonly page: MetricsPage;
  readonly webConfigFile: WebConfigFile | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** What is wrong with the port or with the web config, each by itself; undefined when nothing is any more. */
  onProblem(part: "listen" | "web_config", reason: string | undefined): void;
}

const retryDelay = { minMs: 1000, maxMs: 30_000, jitter: 0.1 };

/** Certificates are renewed while nobody asks: the file is looked at this often besides at every request. */
const refreshMs = 5000;

/**
 * Serves a metrics page by the rules of a web config. A port that is taken, and a web config that cannot be used, are
 * the world's failures: it says so, and goes on trying.
 *
 *     read web config ─► listen ─► serve, until stopped or until https, or who must show a certificate, changes ─┐
 *            ▲            │ taken: wait                                                                          │
 *            └────────────┴──────────────────────────────────────────────────────────────────────────────────────┘
 */
export class ExposeServer {
  readonly #options: ExposeServerOptions;
  readonly #gate: WebGate;
  readonly #problems: { listen?: string | undefined; web_config?: string | undefined } = {};
  #serving: Serving | undefined;

  constructor(options: ExposeServerOptions) {
    this.#options = options;
    this.#gate = new WebGate(options.clock);
  }

  get isListening(): boolean {
    return this.#serving !== undefined;
  }

  /** Where the page is, seen from this machine; or will be, once it listens. */
  get url(): string {
    const { address, telemetryPath } = this.#options;
    const origin = urlOf(this.#serving?.listener.address ?? address, this.#serving?.tls && "https");
    return origin + telemetryPath;
  }

  /** Resolves once the port is closed. Rejects only with a bug. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const backoff = new Backoff({ ...retryDelay, random });
    this.#warnOfOpenPort();
    while (!stop.aborted) {
      const web = await this.#refresh();
      if (await this.#serve(web?.tlsSettings, stop)) backoff.reset();
      else await sleep(clock, backoff.next(), stop);
    }
  }

  /** False: the port cannot be had. */
  async #serve(tls: TlsServerSettings | undefined, stop: AbortSignal): Promise<boolean> {
    const bugs: unknown[] = [];
    const reopen = new AbortController();
    const listener = await this.#listen(tls, (error) => {
      bugs.push(error);
      reopen.abort();
    });
    if (listener === undefined) return false;
    this.#serving = { listener, tls, reopen };
    try {
      await this.#watch(AbortSignal.any([stop, reopen.signal]));
    } finally {
      this.#serving = undefined;
      await listener.close();
    }
    if (bugs.length > 0) throw bugs[0];
    return true;
  }

  async #listen(tls: TlsServerSettings | undefined, onBug: (error: unknown) => void): Promise<Listener | undefined> {
    const { address, clock } = this.#options;
    const remedy = { setting: "listen_address", suspect: "node_exporter or another sonde" };
    const handler = (request: IncomingMessage) => this.#handle(request);
    try {
      const listener = await listenHttp({ address, handler, remedy, tls, clock, onBug });
      this.#note("listen", undefined);
      return listener;
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      this.#note("listen", error.message);
      return undefined;
    }
  }

  /** Until `end`; looks at the web config now and then. */
  async #watch(end: AbortSignal): Promise<void> {
    if (this.#options.webConfigFile === undefined) return untilAborted(end);
    await every(this.#options.clock, refreshMs, end, async () => {
      const web = await this.#refresh();
      if (web !== undefined) this.#adopt(web);
    });
  }

  /** False: the listener cannot serve by this config and makes way for one that can. */
  #adopt({ tlsSettings }: LoadedWebConfig): boolean {
    const serving = this.#serving;
    if (serving === undefined) return false;
    if (tlsSettings === serving.tls) return true;
    if (!isSameKind(tlsSettings, serving.tls)) {
      serving.reopen.abort();
      return false;
    }
    serving.tls = tlsSettings;
    if (tlsSettings !== undefined) serving.listener.setTls(tlsSettings);
    return true;
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    if (this.#options.webConfigFile === undefined) return this.#route(request);
    const web = await this.#refresh();
    if (web === undefined) return textAnswer(500, "Internal Server Error\n");
    if (!this.#adopt(web)) return textAnswer(503, "the web config has changed, try again\n", { Connection: "close" });
    const answer = (await this.#gate.refusal(web, request)) ?? (await this.#route(request));
    return { ...answer, headers: { ...web.headers, ...answer.headers } };
  }

  #route(request: IncomingMessage): Promise<Answer> | Answer {
    const { telemetryPath, page } = this.#options;
    const [path] = (request.url ?? "/").split("?", 1);
    if (path === telemetryPath) return page.answer(request);
    return path === "/" ? landingPage(telemetryPath) : textAnswer(404, "404 page not found\n");
  }

  /** Undefined: there is no web config, or it cannot be used, which has been said. */
  async #refresh(): Promise<LoadedWebConfig | undefined> {
    try {
      const web = await this.#options.webConfigFile?.load();
      this.#note("web_config", undefined);
      return web;
    } catch (error) {
      if (!(error instanceof WebConfigError)) throw error;
      this.#note("web_config", error.message);
      return undefined;
    }
  }

  /** One line when it begins, one when it is over. */
  #note(part: "listen" | "web_config", reason: string | undefined): void {
    const { log, onProblem } = this.#options;
    if (this.#problems[part] === reason) return;
    this.#problems[part] = reason;
    if (reason !== undefined) log.error("metrics are not served", { reason });
    else log.info("metrics are served again");
    onProblem(part, reason);
  }

  #warnOfOpenPort(): void {
    const { address, webConfigFile, log } = this.#options;
    if (webConfigFile !== undefined || isLoopback(address.host)) return;
    log.warn("everybody who reaches this address can read the metrics; listen on 127.0.0.1 or set web_config_file", {
      address: formatAddress(address),
    });
  }
}

/** What runs now, and the way to end it early. */
interface Serving {
  readonly listener: Listener;
  tls: TlsServerSettings | undefined;
  readonly reopen: AbortController;
}

/** Certificates and ciphers can change under a listener. Whether it speaks TLS and asks for certificates cannot. */
function isSameKind(a: TlsServerSettings | undefined, b: TlsServerSettings | undefined): boolean {
  return (
    (a === undefined) === (b === undefined) &&
    a?.requestCert === b?.requestCert &&
    a?.rejectUnauthorized === b?.rejectUnauthorized
  );
}
