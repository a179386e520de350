import type { IncomingMessage } from "node:http";
import { Backoff } from "../backoff.ts";
import { type Clock, sleep } from "../clock.ts";
import { every } from "../every.ts";
import { type Answer, textAnswer } from "../http-answer.ts";
import { type Handler, type Listener, type ListenOptions, listenHttp } from "../http-server.ts";
import { formatAddress, isLoopback, type ListenAddress, urlOf } from "../listen-address.ts";
import { ListenError } from "../listening/listen-error.ts";
import type { Logger } from "../logger.ts";
import type { TlsServerSettings } from "../tls-server.ts";
import { untilAborted } from "../until-aborted.ts";
import { WebConfigError } from "./web-config.ts";
import type { LoadedWebConfig, WebConfigFile } from "./web-config-file.ts";
import { WebGate } from "./web-gate.ts";

export interface WebServerOptions {
  readonly address: ListenAddress;
  /** In place of the address: a socket that listens already. It can be opened once, so TLS cannot be turned on or off. */
  readonly descriptor?: number | undefined;
  /** Answers those who may come in. */
  readonly handler: Handler;
  readonly remedy: ListenOptions["remedy"];
  readonly words: WebServerWords;
  readonly webConfigFile: WebConfigFile | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** What is wrong with the port or with the web config, each by itself; undefined when nothing is, or is any more. */
  onProblem(part: "listen" | "web_config", reason: string | undefined): void;
}

/** What the log says. */
export interface WebServerWords {
  /** The port cannot be had, or the web config cannot be used: "metrics are not served". */
  readonly down: string;
  readonly upAgain: string;
  /** Anybody can come in: what they can do then, and the remedy. */
  readonly open: string;
}

const retryDelay = { minMs: 1000, maxMs: 30_000, jitter: 0.1 };

/** Certificates are renewed while nobody asks: the file is looked at this often besides at every request. */
const refreshMs = 5000;

/**
 * Serves by the rules of a web config, as Prometheus' exporters do. A port that is taken, and a web config that cannot be used, are
 * the world's failures: it says so, and goes on trying.
 *
 *     read web config ─► listen ─► serve, until stopped or until https, or who must show a certificate, changes ─┐
 *            ▲            │ taken: wait                                                                          │
 *            └────────────┴──────────────────────────────────────────────────────────────────────────────────────┘
 */
export class WebServer {
  readonly #options: WebServerOptions;
  readonly #gate: WebGate;
  /** Whether it listens has to be told once even if all is well; the web config is well until it is not. */
  readonly #problems: { listen?: string | undefined; web_config: string | undefined } = { web_config: undefined };
  #serving: Serving | undefined;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#gate = new WebGate(options.clock);
  }

  get isListening(): boolean {
    return this.#serving !== undefined;
  }

  /** What it listens on, as bound; undefined while it does not. */
  get listening(): { readonly address: ListenAddress; readonly isSecure: boolean } | undefined {
    const serving = this.#serving;
    return serving && { address: serving.listener.address, isSecure: serving.tls !== undefined };
  }

  /** Where it is, seen from this machine, or will be, once it listens; without a slash at the end. */
  get url(): string {
    return urlOf(this.#serving?.listener.address ?? this.#options.address, this.#serving?.tls && "https");
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
    this.#note("listen", undefined);
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
    const { address, descriptor, remedy, clock } = this.#options;
    const handler = (request: IncomingMessage) => this.#handle(request);
    try {
      return await listenHttp({ address, descriptor, handler, remedy, tls, clock, onBug });
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
    if (this.#options.webConfigFile === undefined) return this.#options.handler(request);
    const web = await this.#refresh();
    if (web === undefined) return textAnswer(500, "Internal Server Error\n");
    if (!this.#adopt(web)) return textAnswer(503, "the web config has changed, try again\n", { Connection: "close" });
    const answer = (await this.#gate.refusal(web, request)) ?? (await this.#options.handler(request));
    return { ...answer, headers: { ...web.headers, ...answer.headers } };
  }

  /** Undefined: there is no web config, or it cannot be used, which has been said. */
  async #refresh(): Promise<LoadedWebConfig | undefined> {
    const { webConfigFile } = this.#options;
    if (webConfigFile === undefined) return undefined;
    try {
      const web = await webConfigFile.load();
      this.#note("web_config", undefined);
      return web;
    } catch (error) {
      if (!(error instanceof WebConfigError)) throw error;
      this.#note("web_config", error.message);
      return undefined;
    }
  }

  /** One line when it begins, one when it is over; nothing in the log when all is well from the start. */
  #note(part: "listen" | "web_config", reason: string | undefined): void {
    const { words, log, onProblem } = this.#options;
    const isFirst = !(part in this.#problems);
    if (!isFirst && this.#problems[part] === reason) return;
    this.#problems[part] = reason;
    if (reason !== undefined) log.error(words.down, { reason });
    else if (!isFirst) log.info(words.upAgain);
    onProblem(part, reason);
  }

  #warnOfOpenPort(): void {
    const { address, descriptor, webConfigFile, words, log } = this.#options;
    if (webConfigFile !== undefined || descriptor !== undefined || isLoopback(address.host)) return;
    log.warn(words.open, { address: formatAddress(address) });
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
