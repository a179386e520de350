import { keeping, type StageKind } from "../stage.ts";

export interface SamplingOptions {
  /** The part of the lines that is kept, from 0 to 1. */
  readonly rate: number;
  readonly drop_counter_reason: string;
}

export const sampling: StageKind<SamplingOptions> = {
  name: "sampling",
  create({ rate, drop_counter_reason: reason }, { random, counts }) {
    return keeping(() => {
      const isKept = random() < rate;
      if (!isKept) counts.dropped(reason);
      return isKept;
    });
  },
};
