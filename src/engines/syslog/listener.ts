import { SyslogFramer, type SyslogFrames, trimmed } from "../../formats/log-line/syslog-framing.ts";
import type { Clock } from "../../lib/clock.ts";
import { formatAddress, type ListenAddress } from "../../lib/listen-address.ts";
import type { Connection } from "../../lib/listening/connection.ts";
import { openDatagramPort } from "../../lib/listening/datagram-port.ts";
import { keepListening, type OpenPort } from "../../lib/listening/keep-listening.ts";
import { type OpenStreamPort, openStreamPort } from "../../lib/listening/stream-server.ts";
import { type TlsServerOptions, TlsServerSource } from "../../lib/listening/tls-server-source.ts";
import type { Logger } from "../../lib/logger.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { DatagramQueue } from "./datagram-queue.ts";
import type { Peer } from "./message-labels.ts";
import { type LeftOut, MessageReader, type MessageSettings, type SyslogEntry } from "./message-reader.ts";
import { PeerNames, type ReverseLookup } from "./peer-names.ts";

/** What a listener cannot change while it listens. */
export interface ListenerPlace {
  readonly address: ListenAddress;
  readonly protocol: "tcp" | "udp";
  readonly tls: TlsServerOptions | undefined;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  /** In bytes. */
  readonly maxMessageLength: number;
  readonly delimiter: "\n" | "\0";
  /** Datagrams that wait for the receivers. */
  readonly queueSize: number;
  /** Clients whose names are remembered. */
  readonly hostCacheSize: number;
}

export type DropReason = "too_long" | "queue_full" | "relabel" | "stopped";

export interface ListenerSurroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly lookup: ReverseLookup;
  /** True once the receivers have them all; false when the stop came first. */
  deliver(entries: readonly SyslogEntry[], stop: AbortSignal): Promise<boolean>;
  onProblem(listener: string, reason: string | undefined): void;
  readonly count: {
    entries(count: number): void;
    malformed(): void;
    empty(): void;
    dropped(reason: DropReason, count: number): void;
    /** One more is open, or one less. */
    connections(change: 1 | -1): void;
  };
}

/** Connections are those of TCP. */
interface OpenSyslogPort extends OpenPort {
  readonly address: ListenAddress;
  readonly connections?: number;
}

const remedy = { setting: "address", suspect: "another syslog daemon" };
const words = { down: "syslog cannot be received", upAgain: "syslog can be received again" };

/** Such lines about senders are logged, at most. */
const logEveryMs = 60_000;

/** Takes messages at one address and hands them on. */
export class SyslogListener {
  readonly name: string;
  readonly #place: ListenerPlace;
  readonly #surroundings: ListenerSurroundings;
  readonly #log: Logger;
  readonly #names: PeerNames;
  readonly #mayLog: TokenBucket;
  #reader: MessageReader;
  #port: OpenSyslogPort | undefined;

  constructor(place: ListenerPlace, settings: MessageSettings, surroundings: ListenerSurroundings) {
    const { clock, log, lookup } = surroundings;
    this.name = `${place.protocol} ${formatAddress(place.address)}`;
    this.#place = place;
    this.#surroundings = surroundings;
    this.#log = log;
    this.#names = new PeerNames(lookup, clock, place.hostCacheSize);
    this.#mayLog = new TokenBucket({ clock, intervalMs: logEveryMs, burst: 1 });
    this.#reader = this.#newReader(settings);
  }

  /** For messages that come from now on. */
  update(settings: MessageSettings): void {
    this.#reader = this.#newReader(settings);
  }

  /** Resolves once the port is closed and what has come is dealt with. Rejects only with a bug. */
  async run(stop: AbortSignal): Promise<void> {
    if (this.#place.protocol === "udp") await this.#runDatagrams(stop);
    else await this.#keepListening(() => this.#openStreams(stop), stop);
  }

  view(): object {
    const { address, protocol } = this.#place;
    return {
      address: formatAddress(this.#port?.address ?? address),
      protocol,
      listening: this.#port !== undefined,
      ...(this.#port?.connections !== undefined && { connections: this.#port.connections }),
    };
  }

  async #keepListening(open: () => Promise<OpenSyslogPort>, stop: AbortSignal): Promise<void> {
    const onProblem = (reason: string | undefined) => this.#surroundings.onProblem(this.name, reason);
    const { clock, random, log } = this.#surroundings;
    const opened = async () => {
      this.#port = undefined;
      this.#port = await open();
      return this.#port;
    };
    try {
      await keepListening(opened, { clock, random, log, words, onProblem }, stop);
    } finally {
      this.#port = undefined;
    }
  }

  #openStreams(stop: AbortSignal): Promise<OpenStreamPort> {
    const { clock, count } = this.#surroundings;
    const { address, tls, maxConnections, idleTimeoutMs } = this.#place;
    return openStreamPort({
      address,
      tls: tls && new TlsServerSource(tls, this.#log),
      remedy,
      maxConnections,
      idleTimeoutMs,
      clock,
      serve: (connection) => this.#serve(connection, stop),
      onConnections: count.connections,
      onRefused: (reason, peer) => this.#complain("a sender was refused", reason, peer),
    });
  }

  /** Reads no further than the receivers are: the sender waits with them. */
  async #serve(connection: Connection, stop: AbortSignal): Promise<void> {
    const { maxMessageLength: maxLength, delimiter } = this.#place;
    const framer = new SyslogFramer({ maxLength, delimiter });
    const peer = await this.#peer(connection.peer);
    for await (const chunk of connection.chunks()) {
      const frames = framer.push(chunk);
      await this.#take(frames, peer, stop);
      if (frames.error !== undefined) return;
    }
    await this.#take(framer.end(), peer, stop);
  }

  async #take({ messages, tooLong, error }: SyslogFrames, peer: Peer, stop: AbortSignal): Promise<void> {
    if (tooLong > 0) this.#dropLong(tooLong, peer.ip);
    if (error !== undefined) this.#malformed(error, peer);
    await this.#deliver(this.#reader.read(messages, peer), stop);
  }

  async #runDatagrams(stop: AbortSignal): Promise<void> {
    const { address, queueSize, maxMessageLength } = this.#place;
    const { count } = this.#surroundings;
    const queue = new DatagramQueue(queueSize);
    const onDatagram = (data: Buffer, from: string) => {
      const message = trimmed(data);
      if (message.length > maxMessageLength) this.#dropLong(1, from);
      else if (!queue.add(message, from)) count.dropped("queue_full", 1);
    };
    const listening = this.#keepListening(() => openDatagramPort({ address, remedy, onDatagram }), stop);
    const closed = listening.finally(() => queue.close());
    const delivered = queue.drain(async (batch) => {
      const entries: SyslogEntry[] = [];
      for (const { message, from } of batch) {
        entries.push(...this.#reader.read([message], await this.#peer(from)));
      }
      await this.#deliver(entries, stop);
    });
    await Promise.all([closed, delivered]);
  }

  async #deliver(entries: readonly SyslogEntry[], stop: AbortSignal): Promise<void> {
    if (entries.length === 0) return;
    const { deliver, count } = this.#surroundings;
    if (await deliver(entries, stop)) count.entries(entries.length);
    else count.dropped("stopped", entries.length);
  }

  async #peer(ip: string): Promise<Peer> {
    return { ip, hostname: this.#reader.needsHostname ? await this.#names.of(ip) : undefined };
  }

  #newReader(settings: MessageSettings): MessageReader {
    const { clock, count } = this.#surroundings;
    const leftOut: LeftOut = {
      malformed: (reason, peer) => this.#malformed(reason, peer),
      empty: count.empty,
      dropped: () => count.dropped("relabel", 1),
    };
    return new MessageReader(settings, clock, leftOut);
  }

  #malformed(reason: string, { ip }: Peer): void {
    this.#surroundings.count.malformed();
    this.#complain("a message could not be read", reason, ip);
  }

  #dropLong(count: number, peer: string): void {
    this.#surroundings.count.dropped("too_long", count);
    const reason = `it is longer than ${this.#place.maxMessageLength} bytes (max_message_length)`;
    this.#complain("a message was dropped", reason, peer);
  }

  /** What others send must not fill our log. */
  #complain(message: string, reason: string, peer: string): void {
    if (this.#mayLog.take()) this.#log.warn(message, { listener: this.name, peer, reason });
  }
}
