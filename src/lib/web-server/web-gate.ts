import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import { type Answer, textAnswer } from "../http-answer.ts";
import { TokenBucket } from "../token-bucket.ts";
import { BasicAuth } from "./basic-auth.ts";
import type { WebConfig } from "./web-config.ts";

/** Who may come in by a web config: first the rate limit, which protects the rest, then the users. */
export class WebGate {
  readonly #clock: Clock;
  #config: WebConfig | undefined;
  #auth: BasicAuth;
  #limiter: TokenBucket | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#auth = new BasicAuth({}, clock);
  }

  /** Undefined: come in. What it remembers is forgotten when the config changes. */
  async refusal(config: WebConfig, { headers, socket }: IncomingMessage): Promise<Answer | undefined> {
    if (config !== this.#config) this.#adopt(config);
    if (this.#limiter?.take() === false) return tooMany;
    const verdict = await this.#auth.check(headers.authorization, socket.remoteAddress ?? "");
    if (verdict === "throttled") return tooMany;
    return verdict === "allowed" ? undefined : unauthorized;
  }

  #adopt(config: WebConfig): void {
    const { users, rateLimit } = config;
    this.#config = config;
    this.#auth = new BasicAuth(users, this.#clock);
    this.#limiter = rateLimit && new TokenBucket({ clock: this.#clock, ...rateLimit });
  }
}

const tooMany = textAnswer(429, "Too Many Requests\n");
const unauthorized = textAnswer(401, "Unauthorized\n", { "WWW-Authenticate": "Basic" });
