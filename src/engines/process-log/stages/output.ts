import { changing, type StageKind } from "../stage.ts";

export interface OutputOptions {
  readonly source: string;
}

export const output: StageKind<OutputOptions> = {
  name: "output",
  create({ source }) {
    return changing((entry) => {
      entry.line = entry.extracted[source] ?? entry.line;
    });
  },
};
