import { decolorize as withoutColors } from "../../../formats/log-line/decolorize.ts";
import { changing, type StageKind } from "../stage.ts";

export const decolorize: StageKind<object> = {
  name: "decolorize",
  create() {
    return changing((entry) => {
      entry.line = withoutColors(entry.line);
    });
  },
};
