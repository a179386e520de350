import type { ForwardEvents } from "../../formats/fluent-forward/forward-message.ts";
import type { Clock } from "../../lib/clock.ts";
import { formatAddress, isLoopback, type ListenAddress } from "../../lib/listen-address.ts";
import type { Connection } from "../../lib/listening/connection.ts";
import { openDatagramPort } from "../../lib/listening/datagram-port.ts";
import { keepListening } from "../../lib/listening/keep-listening.ts";
import { type OpenStreamPort, openStreamPort } from "../../lib/listening/stream-server.ts";
import { type TlsServerOptions, TlsServerSource } from "../../lib/listening/tls-server-source.ts";
import type { Logger } from "../../lib/logger.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { EventEntries, type EventSettings, type FluentEntry } from "./event-entries.ts";
import { Handshake, type HandshakeSettings, type RandomBytes } from "./handshake.ts";
import { Session } from "./session.ts";

/** What cannot change while the server listens. */
export interface ForwardPlace {
  readonly address: ListenAddress;
  readonly tls: TlsServerOptions | undefined;
  /** Undefined: whoever can connect may send. */
  readonly handshake: HandshakeSettings | undefined;
  /** Whether heartbeats over UDP are answered, at the same port. */
  readonly answersHeartbeats: boolean;
  readonly maxConnections: number;
  /** Infinity is never. */
  readonly idleTimeoutMs: number;
  /** In bytes. */
  readonly maxMessageSize: number;
}

export type DropReason = "malformed" | "relabel";

export interface ForwardSurroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly randomBytes: RandomBytes;
  readonly log: Logger;
  /** True once the receivers have them all; false when the stop came first. */
  deliver(entries: readonly FluentEntry[], stop: AbortSignal): Promise<boolean>;
  onProblem(part: string, reason: string | undefined): void;
  readonly count: {
    entries(count: number): void;
    dropped(reason: DropReason, count: number): void;
    /** A client was refused or cut off. */
    refused(): void;
    /** One more is open, or one less. */
    connections(change: 1 | -1): void;
  };
}

const remedy = { setting: "listen_address", suspect: "fluentd or another sonde" };
const words = { down: "events cannot be received", upAgain: "events can be received again" };
const heartbeatWords = { down: "heartbeats cannot be answered", upAgain: "heartbeats can be answered again" };

/** Such lines about clients are logged, at most. */
const logEveryMs = 60_000;

/** Takes events of Fluentd's forward protocol at one address and hands them on. */
export class ForwardServer {
  readonly #place: ForwardPlace;
  readonly #surroundings: ForwardSurroundings;
  readonly #mayLog: TokenBucket;
  #entries: EventEntries;
  #port: OpenStreamPort | undefined;

  constructor(place: ForwardPlace, settings: EventSettings, surroundings: ForwardSurroundings) {
    const { clock } = surroundings;
    this.#place = place;
    this.#surroundings = surroundings;
    this.#mayLog = new TokenBucket({ clock, intervalMs: logEveryMs, burst: 1 });
    this.#entries = new EventEntries(settings, clock);
  }

  /** For events that come from now on. */
  update(settings: EventSettings): void {
    this.#entries = new EventEntries(settings, this.#surroundings.clock);
  }

  /** Resolves once the ports are closed and what has come is dealt with. Rejects only with a bug. */
  async run(stop: AbortSignal): Promise<void> {
    this.#warnOfOpenPort();
    const failed = new AbortController();
    const end = AbortSignal.any([stop, failed.signal]);
    const ports = [this.#listen(end)];
    if (this.#place.answersHeartbeats) ports.push(this.#answerHeartbeats(end));
    const results = await Promise.allSettled(ports.map((port) => port.finally(() => failed.abort())));
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  view(): object {
    return {
      address: formatAddress(this.#port?.address ?? this.#place.address),
      listening: this.#port !== undefined,
      connections: this.#port?.connections ?? 0,
    };
  }

  #warnOfOpenPort(): void {
    const { address, handshake, tls } = this.#place;
    const isOpen = handshake === undefined && tls?.ca === undefined && tls?.caFile === undefined;
    if (!isOpen || isLoopback(address.host)) return;
    const message = "everybody who reaches this address can write logs; listen on 127.0.0.1 or set shared_key";
    this.#surroundings.log.warn(message, { address: formatAddress(address) });
  }

  async #listen(stop: AbortSignal): Promise<void> {
    const onProblem = (reason: string | undefined) => this.#surroundings.onProblem("forward", reason);
    const open = async () => {
      this.#port = undefined;
      this.#port = await this.#open(stop);
      return this.#port;
    };
    try {
      await keepListening(open, { ...this.#surroundings, words, onProblem }, stop);
    } finally {
      this.#port = undefined;
    }
  }

  #open(stop: AbortSignal): Promise<OpenStreamPort> {
    const { address, tls, maxConnections, idleTimeoutMs } = this.#place;
    const { clock, log, count } = this.#surroundings;
    return openStreamPort({
      address,
      tls: tls && new TlsServerSource(tls, log),
      remedy,
      maxConnections,
      idleTimeoutMs,
      clock,
      serve: (connection) => this.#serve(connection, stop),
      onConnections: count.connections,
      onRefused: (reason, peer) => this.#refused(reason, peer),
    });
  }

  /** The heartbeat is a NUL, and so is the answer. */
  async #answerHeartbeats(stop: AbortSignal): Promise<void> {
    const { address } = this.#place;
    const onProblem = (reason: string | undefined) => this.#surroundings.onProblem("heartbeat", reason);
    const onDatagram = (_: Buffer, _from: string, answer: (data: Uint8Array) => void) => answer(Uint8Array.of(0));
    const open = () => openDatagramPort({ address, remedy, onDatagram });
    await keepListening(open, { ...this.#surroundings, words: heartbeatWords, onProblem }, stop);
  }

  async #serve(connection: Connection, stop: AbortSignal): Promise<void> {
    const { handshake, maxMessageSize } = this.#place;
    const { clock, randomBytes } = this.#surroundings;
    const session = new Session({
      connection,
      handshake: handshake && new Handshake(handshake, randomBytes),
      maxMessageSize,
      clock,
      take: (tag, events) => this.#take(tag, events, connection.peer, stop),
    });
    const refusal = await session.run();
    if (refusal !== undefined) this.#refused(refusal, connection.peer);
  }

  async #take(tag: string, { events, malformed }: ForwardEvents, peer: string, stop: AbortSignal): Promise<boolean> {
    const { deliver, count } = this.#surroundings;
    const entries = this.#entries.of(tag, events, peer);
    if (entries.length > 0 && !(await deliver(entries, stop))) return false;
    count.entries(entries.length);
    if (malformed > 0) count.dropped("malformed", malformed);
    if (entries.length < events.length) count.dropped("relabel", events.length - entries.length);
    return true;
  }

  /** What others send must not fill our log. */
  #refused(reason: string, peer: string): void {
    this.#surroundings.count.refused();
    if (this.#mayLog.take()) this.#surroundings.log.warn("a client was cut off", { peer, reason });
  }
}
