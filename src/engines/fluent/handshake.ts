import { createHash, timingSafeEqual } from "node:crypto";
import { textOf } from "../../formats/fluent-forward/forward-message.ts";
import type { Secret } from "../../lib/secret.ts";

export interface HandshakeSettings {
  readonly sharedKey: Secret;
  /** Who may send; with none, whoever knows the key. */
  readonly users: readonly { readonly username: string; readonly password: Secret }[];
  /** How this server calls itself. */
  readonly hostname: string;
}

/** Unpredictable bytes. */
export type RandomBytes = (count: number) => Uint8Array;

export interface Pong {
  readonly message: readonly unknown[];
  /** Why the client is refused. */
  readonly refusal?: string;
}

/**
 * How a client shows that it knows the shared key, and perhaps a user's password, and how the server shows the former:
 *
 *     HELO, nonce, auth salt  ──►
 *                             ◄──  PING, client's name, salt, digest of the key, user, digest of the password
 *     PONG, yes or no, digest ──►
 */
export class Handshake {
  readonly #settings: HandshakeSettings;
  readonly #nonce: Uint8Array;
  readonly #authSalt: Uint8Array;

  constructor(settings: HandshakeSettings, randomBytes: RandomBytes) {
    this.#settings = settings;
    this.#nonce = randomBytes(16);
    this.#authSalt = settings.users.length > 0 ? randomBytes(16) : new Uint8Array(0);
  }

  get hello(): readonly unknown[] {
    return ["HELO", { nonce: this.#nonce, auth: this.#authSalt, keepalive: true }];
  }

  /** What to say to a PING, or to what came in its place. */
  answer(message: unknown): Pong {
    const { hostname, sharedKey } = this.#settings;
    const ping = pingOf(message);
    if (ping === undefined) return this.#refuse("expected a PING");
    const { name, salt } = ping;
    if (!isSame(ping.digest, this.#digest(salt, name))) return this.#refuse("shared_key mismatch");
    if (!this.#isUser(ping)) return this.#refuse("username/password mismatch");
    const digest = hexDigest(salt, hostname, this.#nonce, sharedKey.reveal());
    return { message: ["PONG", true, "", hostname, digest] };
  }

  #digest(salt: Uint8Array, name: Uint8Array): string {
    return hexDigest(salt, name, this.#nonce, this.#settings.sharedKey.reveal());
  }

  #isUser({ username, passwordDigest }: Ping): boolean {
    const { users } = this.#settings;
    if (users.length === 0) return true;
    const user = users.find((each) => each.username === textOf(username));
    // An unknown name takes as long as a wrong password.
    const digest = hexDigest(this.#authSalt, username, user?.password.reveal() ?? "");
    return isSame(passwordDigest, digest) && user !== undefined;
  }

  #refuse(refusal: string): Pong {
    return { message: ["PONG", false, refusal, "", ""], refusal };
  }
}

interface Ping {
  readonly name: Uint8Array;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
  readonly username: Uint8Array;
  readonly passwordDigest: Uint8Array;
}

function pingOf(message: unknown): Ping | undefined {
  if (!Array.isArray(message) || message.length !== 6) return undefined;
  const [word, name, salt, digest, username, passwordDigest] = message;
  if (![word, name, salt, digest, username, passwordDigest].every((part) => part instanceof Uint8Array))
    return undefined;
  return textOf(word) === "PING" ? { name, salt, digest, username, passwordDigest } : undefined;
}

function hexDigest(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function isSame(given: Uint8Array, digest: string): boolean {
  const expected = Buffer.from(digest);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
