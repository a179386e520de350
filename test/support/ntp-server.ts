import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Seconds; times are Unix times. */
interface NtpTimes {
  readonly leap?: number;
  readonly stratum?: number;
  readonly rootDelay?: number;
  readonly rootDispersion?: number;
  readonly reference?: number;
  readonly receive?: number;
  readonly transmit?: number;
}

export function sntpAnswer(request: Buffer, times: NtpTimes): Buffer {
  const { leap = 0, stratum = 1, rootDelay = 0, rootDispersion = 0, reference, receive, transmit } = times;
  const answer = Buffer.alloc(48);
  answer[0] = (leap << 6) | (4 << 3) | 4;
  answer[1] = stratum;
  answer.writeUInt32BE(rootDelay * 65536, 4);
  answer.writeUInt32BE(rootDispersion * 65536, 8);
  request.copy(answer, 24, 40, 48);
  for (const [at, time] of [[16, reference] as const, [32, receive] as const, [40, transmit] as const]) {
    if (time === undefined) continue;
    answer.writeUInt32BE((Math.floor(time) + 2_208_988_800) % 2 ** 32, at);
    answer.writeUInt32BE(Math.floor((time % 1) * 2 ** 32), at + 4);
  }
  return answer;
}

/** An NTP server on a port of its own; `answer` gives the times for a question of `now`, or nothing. */
export async function startNtpServer(answer: (now: number) => NtpTimes | undefined) {
  const socket = createSocket("udp4");
  socket.on("message", (request, { port, address }) => {
    const times = answer(Date.now() / 1000);
    if (times !== undefined) socket.send(sntpAnswer(request, times), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, "close");
    },
  };
}
