/** Seconds from 1900, where NTP counts from, to 1970. */
const unixEpoch = 2_208_988_800;
const packetBytes = 48;
const modeClient = 3;
const modeServer = 4;

export interface SntpAnswer {
  readonly leap: number;
  readonly stratum: number;
  /** Seconds, as all that follow; the times are Unix times, 0 if not given. */
  readonly rootDelay: number;
  readonly rootDispersion: number;
  readonly referenceTime: number;
  readonly receiveTime: number;
  readonly transmitTime: number;
}

/** A question by RFC 5905; the server sends `sentAt` (Unix time, seconds) back, which tells its answer from others. */
export function encodeSntpRequest(version: number, sentAt: number): Buffer {
  const packet = Buffer.alloc(packetBytes);
  packet[0] = (version << 3) | modeClient;
  packet.writeUInt32BE(Math.floor(sentAt + unixEpoch) % 2 ** 32, 40);
  packet.writeUInt32BE(Math.floor((sentAt % 1) * 2 ** 32), 44);
  return packet;
}

/** Throws if this is not a server's answer to that question. */
export function parseSntpAnswer(packet: Buffer, request: Buffer): SntpAnswer {
  const first = packet[0] ?? 0;
  if (packet.length < packetBytes || (first & 7) !== modeServer)
    throw new Error("what came is no answer of an NTP server");
  if (!packet.subarray(24, 32).equals(request.subarray(40, 48))) throw new Error("what came answers another question");
  const answer = {
    leap: first >> 6,
    stratum: packet[1] ?? 0,
    rootDelay: packet.readUInt32BE(4) / 65536,
    rootDispersion: packet.readUInt32BE(8) / 65536,
    referenceTime: time(packet, 16),
    receiveTime: time(packet, 32),
    transmitTime: time(packet, 40),
  };
  if (answer.transmitTime === 0) throw new Error("the NTP server does not tell its time");
  if (answer.receiveTime > answer.transmitTime) throw new Error("the NTP server's clock went backwards");
  return answer;
}

/** Times before 1968 are those of the era that begins in 2036. */
function time(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const fraction = packet.readUInt32BE(at + 4) / 2 ** 32;
  if (seconds === 0 && fraction === 0) return 0;
  return seconds - unixEpoch + (seconds < 2 ** 31 ? 2 ** 32 : 0) + fraction;
}
