import { hexadecimal, lines, malformed, words } from "./text.ts";

/** Bytes that wait in the queues of all sockets of /proc/net/udp or /proc/net/udp6. */
export interface SocketQueues {
  readonly tx: number;
  readonly rx: number;
}

export function parseUdpQueues(text: string, file: string): SocketQueues {
  const queues = { tx: 0, rx: 0 };
  for (const { tx, rx } of parseSockets(text, file)) {
    queues.tx += tx;
    queues.rx += rx;
  }
  return queues;
}

interface Socket extends SocketQueues {
  /** As in the kernel's enum of TCP states. */
  readonly state: number;
}

/** The rows of /proc/net/{tcp,udp}{,6}: `sl local rem st tx_queue:rx_queue …`, numbers in hexadecimal. */
export function* parseSockets(text: string, file: string): Generator<Socket> {
  let isHeading = true;
  for (const line of lines(text)) {
    if (isHeading) {
      isHeading = false;
      continue;
    }
    const [, , , state, queue = ""] = words(line);
    const [tx, rx, more] = queue.split(":");
    if (more !== undefined) throw malformed(file, line);
    yield {
      state: hexadecimal(state, file, line),
      tx: hexadecimal(tx, file, line),
      rx: hexadecimal(rx, file, line),
    };
  }
}
