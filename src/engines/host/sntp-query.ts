import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { encodeSntpRequest, parseSntpAnswer, type SntpAnswer } from "../../formats/procfs/sntp.ts";
import type { Clock } from "../../lib/clock.ts";

export interface SntpOptions {
  readonly server: string;
  readonly port: number;
  readonly version: number;
  readonly ttl: number;
}

export interface SntpExchange {
  readonly answer: SntpAnswer;
  /** Our clock when the question left and when the answer came, Unix time in seconds. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

const deadlineMs = 1000;

/** One question to an NTP server. Rejects when there is no right answer within a second. */
export async function querySntp(options: SntpOptions, clock: Clock): Promise<SntpExchange> {
  const socket = createSocket(isIPv6(options.server) ? "udp6" : "udp4");
  try {
    return await new Promise((resolve, reject) => {
      const cancel = clock.after(deadlineMs, () => reject(new Error(`no answer within ${deadlineMs / 1000} s`)));
      socket.on("error", reject).on("close", cancel);
      socket.connect(options.port, options.server, () => {
        socket.setTTL(options.ttl);
        const started = fineTime(clock);
        const startedAt = clock.monotonic();
        const request = encodeSntpRequest(options.version, started);
        socket.on("message", (packet) => {
          const receivedAt = started + (clock.monotonic() - startedAt) / 1000;
          try {
            resolve({ answer: parseSntpAnswer(packet, request), sentAt: started, receivedAt });
          } catch (error) {
            reject(error);
          }
        });
        socket.send(request);
      });
    });
  } catch (cause) {
    throw new Error(`cannot ask ${options.server} for the time`, { cause });
  } finally {
    socket.close();
  }
}

/** The clock tells whole milliseconds; the moment at which it ticks is known better. A tick is at most 1 ms away. */
function fineTime(clock: Clock): number {
  const first = clock.now();
  const until = clock.monotonic() + 2;
  for (let tries = 0; clock.now() === first && clock.monotonic() < until && tries < 100_000; tries++);
  return clock.now() / 1000;
}
