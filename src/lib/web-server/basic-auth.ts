import { createHmac, randomBytes } from "node:crypto";
import { matchesBcrypt } from "../bcrypt.ts";
import type { Clock } from "../clock.ts";
import { TokenBucket } from "../token-bucket.ts";

/** What a client gets to hear. `throttled`: it has failed too often and is not even checked. */
export type Verdict = "allowed" | "denied" | "throttled";

/** As upstream: enough for the clients of one exporter. */
const rememberedLogins = 100;

/** Checking a password is slow on purpose. Whoever guesses from one address must not starve those who know. */
const failures = { burst: 10, intervalMs: 6000 };
const rememberedAddresses = 1000;

/** The users of a web config. A login is checked once and remembered; at most one is being checked at a time. */
export class BasicAuth {
  readonly #users: ReadonlyMap<string, string>;
  readonly #clock: Clock;
  readonly #cacheKey = randomBytes(32);
  readonly #cache = new Map<string, boolean>();
  readonly #budgets = new Map<string, TokenBucket>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(users: Readonly<Record<string, string>>, clock: Clock) {
    this.#users = new Map(Object.entries(users));
    this.#clock = clock;
  }

  /** `authorization` is the header's value, `address` the client's. */
  async check(authorization: string | undefined, address: string): Promise<Verdict> {
    if (this.#users.size === 0) return "allowed";
    const login = parseBasic(authorization);
    if (login === undefined) return "denied";
    const id = this.#idOf(login);
    return this.#remembered(id) ?? this.#inTurn(() => this.#verify(login, id, address));
  }

  async #verify(login: Login, id: string, address: string): Promise<Verdict> {
    const remembered = this.#remembered(id);
    if (remembered !== undefined) return remembered;
    const budget = this.#budgetOf(address);
    if (!budget.hasToken()) return "throttled";
    const isValid = await this.#isValid(login);
    if (!isValid) budget.take();
    remember(this.#cache, id, isValid, rememberedLogins);
    return isValid ? "allowed" : "denied";
  }

  /** An unknown user costs as much time as a known one, so that time does not tell who is known. */
  async #isValid({ user, password }: Login): Promise<boolean> {
    const [someHash = ""] = this.#users.values();
    const hash = this.#users.get(user);
    const matches = await matchesBcrypt(password, hash ?? someHash);
    return matches && hash !== undefined;
  }

  #remembered(id: string): Verdict | undefined {
    const known = this.#cache.get(id);
    return known === undefined ? undefined : known ? "allowed" : "denied";
  }

  /** Lengths first: without them `a` with `bc` and `ab` with `c` would be the same login (CVE-2022-46146). */
  #idOf({ user, password }: Login): string {
    const hmac = createHmac("sha256", this.#cacheKey);
    for (const text of [user, password]) hmac.update(`${Buffer.byteLength(text)}:${text}`);
    return hmac.digest("base64");
  }

  #budgetOf(address: string): TokenBucket {
    const budget = this.#budgets.get(address) ?? new TokenBucket({ clock: this.#clock, ...failures });
    remember(this.#budgets, address, budget, rememberedAddresses);
    return budget;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

interface Login {
  readonly user: string;
  readonly password: string;
}

function parseBasic(authorization = ""): Login | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The most recent ones; the oldest makes room. */
function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
