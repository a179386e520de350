/** A difference that the comparison leaves out, in all cases. */
export interface GeneralDifference {
  readonly what: string;
  readonly reason: string;
}

/** What scrape-record.ts leaves out on both sides. docs/compatibility.md tells them to users. */
export const generalDifferences: readonly GeneralDifference[] = [
  {
    what: "The value of `scrape_duration_seconds`.",
    reason: "It is a measurement. That it is there, and when it goes stale, is compared.",
  },
  {
    what: "Negative zero.",
    reason: "Prometheus' protobuf encoding leaves out zero values whatever their sign, so `-0` arrives as `0`.",
  },
  {
    what: "Two markers at the same time for one series.",
    reason: "A series that a page spells in two ways ends twice in Prometheus; for a receiver that is one marker.",
  },
  {
    what: "Samples with explicit timestamps before the start of the process.",
    reason: "Prometheus' remote write does not send them; Sonde does.",
  },
];

const nanReason =
  "In protobuf a target may send any of the many NaNs. Sonde passes on each as the ordinary one, which is what Go writes.";

/** Cases that differ, and may: by name, with the reason. One that no longer differs fails the test. */
export const acceptedCases: Readonly<Record<string, string>> = {
  "protobuf: native: a histogram that becomes a number":
    "A metric whose family changes its type counts as added; its samples and markers are the same.",
  "nhcb: a series of name and labels":
    "Prometheus leaves out one of a number and a converted histogram whose names and labels are the same; Sonde sends both.",
  "nhcb: one that is not valid, then another":
    "A converted histogram that is not valid swallows those behind it in Prometheus; in Sonde only itself is left out.",
  "nhcb: exemplars of one that cannot be converted":
    "Prometheus shows exemplars of a histogram that cannot be converted at the next one; Sonde drops them.",
  "nhcb: with few buckets: protobuf, a span that goes back":
    "A native histogram whose spans overlap, which few buckets happen to mend: Sonde checks it before it merges buckets.",
  "protobuf: gauge": nanReason,
  "protobuf: summary": nanReason,
  "protobuf: gauge with the bits of a stale marker": `${nanReason} So a target cannot end a series that it goes on to show.`,
};
