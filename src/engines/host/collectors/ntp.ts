import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import type { HostOptions } from "../options.ts";
import { querySntp, type SntpExchange } from "../sntp-query.ts";

const stratum = gauge("node_ntp_stratum", "NTPD stratum.");
const leap = gauge("node_ntp_leap", "NTPD leap second indicator, 2 bits.");
const rtt = gauge("node_ntp_rtt_seconds", "RTT to NTPD.");
const offset = gauge("node_ntp_offset_seconds", "ClockOffset between NTP and local clock.");
const referenceTime = gauge("node_ntp_reference_timestamp_seconds", "NTPD ReferenceTime, UNIX timestamp.");
const rootDelay = gauge("node_ntp_root_delay_seconds", "NTPD RootDelay.");
const rootDispersion = gauge("node_ntp_root_dispersion_seconds", "NTPD RootDispersion.");
const sanity = gauge("node_ntp_sanity", "NTPD sanity according to RFC5905 heuristics and configured limits.");

const day = 86_400;
/** RFC 5905's limits. */
const maxStratum = 16;
const maxDispersion = 16;
const maxPollInterval = 2 ** 17;
const notInSync = 3;

/** Asks the NTP server of this host, and whether what it says can be believed. */
export const ntp: CollectorSpec = {
  name: "ntp",
  enabledByDefault: false,

  create({ clock }, options) {
    // The flag of a leap second is gone right after it, while servers that smear it are still off.
    let leapMidnight: number | undefined;
    return async (emit) => {
      const exchange = await querySntp(options.ntp, clock);
      const { answer, sentAt, receivedAt } = exchange;
      const { receiveTime, transmitTime } = answer;
      if (answer.leap === 1 || answer.leap === 2) leapMidnight = Math.floor(transmitTime / day) * day + day;
      const isNearLeap = leapMidnight !== undefined && Math.abs(transmitTime - leapMidnight) < day;
      emit(stratum, noLabels, answer.stratum);
      emit(leap, noLabels, answer.leap);
      emit(rtt, noLabels, roundTrip(exchange));
      emit(offset, noLabels, (receiveTime - sentAt + (transmitTime - receivedAt)) / 2);
      emit(referenceTime, noLabels, Math.max(0, answer.referenceTime));
      emit(rootDelay, noLabels, answer.rootDelay);
      emit(rootDispersion, noLabels, answer.rootDispersion);
      emit(sanity, noLabels, isSane(exchange, options.ntp, isNearLeap ? 1 : 0) ? 1 : 0);
    };
  },
};

function roundTrip({ answer, sentAt, receivedAt }: SntpExchange): number {
  return Math.max(0, receivedAt - sentAt - (answer.transmitTime - answer.receiveTime));
}

function isSane(exchange: SntpExchange, limits: HostOptions["ntp"], smear: number): boolean {
  const { answer, sentAt, receivedAt } = exchange;
  const distance = (roundTrip(exchange) + answer.rootDelay) / 2 + answer.rootDispersion;
  // An answer cannot be older than the question, nor newer than its arrival: by how much it seems so, the clocks differ.
  const difference = Math.max(0, sentAt - answer.receiveTime, answer.transmitTime - receivedAt);
  const age = answer.transmitTime - answer.referenceTime;
  return (
    answer.stratum > 0 &&
    answer.stratum < maxStratum &&
    answer.leap !== notInSync &&
    answer.rootDelay / 2 + answer.rootDispersion <= maxDispersion &&
    age >= 0 &&
    age <= maxPollInterval &&
    distance <= limits.maxDistanceMs / 1000 &&
    difference <= limits.offsetToleranceMs / 1000 + smear
  );
}
