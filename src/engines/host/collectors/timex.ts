import { constants } from "node:os";
import type { Timex } from "../../../formats/procfs/timex.ts";
import { noLabels } from "../../../signals/labels.ts";
import { Adjtimex } from "../adjtimex.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge, NoData } from "../collector.ts";

/** The clock is not synchronised (adjtimex(2)). */
const timeError = 5;
/** Bit of the status: offset and jitter are nanoseconds, otherwise microseconds. */
const staNano = 0x2000;
const micro = 1e6;
/** Frequencies are parts per million, with 16 bits behind the point. */
const ppm = 1e6 * 65536;

type Value = (timex: Timex, fraction: number) => number;

const families: readonly (readonly [Family, Value])[] = [
  [
    gauge("node_timex_sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no)."),
    ({ state }) => (state === timeError ? 0 : 1),
  ],
  [
    gauge("node_timex_offset_seconds", "Time offset in between local system and reference clock."),
    ({ offset }, fraction) => offset / fraction,
  ],
  [gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment."), ({ freq }) => 1 + freq / ppm],
  [gauge("node_timex_maxerror_seconds", "Maximum error in seconds."), ({ maxerror }) => maxerror / micro],
  [gauge("node_timex_estimated_error_seconds", "Estimated error in seconds."), ({ esterror }) => esterror / micro],
  [gauge("node_timex_status", "Value of the status array bits."), ({ status }) => status],
  [gauge("node_timex_loop_time_constant", "Phase-locked loop time constant."), ({ constant }) => constant],
  [gauge("node_timex_tick_seconds", "Seconds between clock ticks."), ({ tick }) => tick / micro],
  [gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency."), ({ ppsfreq }) => ppsfreq / ppm],
  [gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter."), ({ jitter }, fraction) => jitter / fraction],
  [gauge("node_timex_pps_shift_seconds", "Pulse per second interval duration."), ({ shift }) => shift],
  [
    gauge("node_timex_pps_stability_hertz", "Pulse per second stability, average of recent frequency changes."),
    ({ stabil }) => stabil / ppm,
  ],
  [
    counter("node_timex_pps_jitter_total", "Pulse per second count of jitter limit exceeded events."),
    ({ jitcnt }) => jitcnt,
  ],
  [
    counter("node_timex_pps_calibration_total", "Pulse per second count of calibration intervals."),
    ({ calcnt }) => calcnt,
  ],
  [counter("node_timex_pps_error_total", "Pulse per second count of calibration errors."), ({ errcnt }) => errcnt],
  [
    counter("node_timex_pps_stability_exceeded_total", "Pulse per second count of stability limit exceeded events."),
    ({ stbcnt }) => stbcnt,
  ],
  [gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset."), ({ tai }) => tai],
];

export const timex: CollectorSpec = {
  name: "timex",
  enabledByDefault: true,

  create({ helpers }) {
    const adjtimex = new Adjtimex(helpers);
    return async (emit) => emitTimex(emit, await adjtimex.ask());
  },
};

function emitTimex(emit: Emit, answer: Timex | { readonly errno: number }): void {
  if ("errno" in answer) {
    const { EPERM, EACCES } = constants.errno;
    if ([EPERM, EACCES].includes(answer.errno)) throw new NoData("adjtimex is not permitted");
    throw new Error(`adjtimex failed: errno ${answer.errno}`);
  }
  const fraction = answer.status & staNano ? 1e9 : micro;
  for (const [family, value] of families) emit(family, noLabels, value(answer, fraction));
}
