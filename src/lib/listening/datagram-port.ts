import { type BindOptions, createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { ListenAddress } from "../listen-address.ts";
import { peerOf } from "./connection.ts";
import type { OpenPort } from "./keep-listening.ts";
import { type ListenRemedy, listenError } from "./listen-error.ts";

export interface DatagramPortOptions {
  readonly address: ListenAddress;
  readonly remedy: ListenRemedy;
  onDatagram(data: Buffer, peer: string, answer: (data: Uint8Array) => void): void;
}

export interface OpenDatagramPort extends OpenPort {
  /** As bound: the host is an IP address, the port never 0. */
  readonly address: ListenAddress;
}

/** Bursts wait in the kernel until this process has its turn; the kernel may give less. */
const receiveBufferBytes = 1024 * 1024;

/** Listens for UDP. Rejects with a ListenError when the port cannot be had. */
export async function openDatagramPort(options: DatagramPortOptions): Promise<OpenDatagramPort> {
  const { address, remedy, onDatagram } = options;
  const socket = await bound(address).catch((error) => Promise.reject(listenError(error, address, remedy)));
  socket.on("message", (data, from) => {
    const answer = (reply: Uint8Array) => socket.send(reply, from.port, from.address);
    onDatagram(data, peerOf({ remoteAddress: from.address }), answer);
  });
  // An error later on is the world's: the port is opened anew.
  const ended = new Promise<void>((resolve) => socket.on("error", () => resolve()));
  const { address: host, port } = socket.address();
  return { ended, address: { host, port }, close: () => new Promise((resolve) => socket.close(resolve)) };
}

/** An empty host is every interface: a socket of IPv6 takes IPv4, too, where the machine has both. */
async function bound({ host, port }: ListenAddress): Promise<Socket> {
  if (host !== "") return bind(isIPv6(host) ? "udp6" : "udp4", { port, address: host });
  return bind("udp6", { port }).catch((error: NodeJS.ErrnoException) =>
    error.code === "EAFNOSUPPORT" ? bind("udp4", { port }) : Promise.reject(error),
  );
}

function bind(type: "udp4" | "udp6", options: BindOptions): Promise<Socket> {
  const socket = createSocket({ type, recvBufferSize: receiveBufferBytes });
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", onError);
    socket.bind(options, () => {
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
