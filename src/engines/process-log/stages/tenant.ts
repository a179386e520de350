import { labelValue } from "../../../signals/labels.ts";
import { type Entry, withLabel } from "../entry.ts";
import { changing, OptionError, type StageKind } from "../stage.ts";

export interface TenantOptions {
  readonly label: string;
  readonly source: string;
  readonly value: string;
}

/** loki.write sends an entry to the tenant that this label names. */
const tenantLabel = "__tenant_id__";

export const tenant: StageKind<TenantOptions> = {
  name: "tenant",
  create(options) {
    const tenantOf = chosen(options);
    return changing((entry) => {
      const id = tenantOf(entry);
      if (id) entry.labels = withLabel(entry.labels, tenantLabel, id);
    });
  },
};

function chosen({ label, source, value }: TenantOptions): (entry: Entry) => string | undefined {
  if ([label, source, value].filter((text) => text !== "").length !== 1) {
    throw new OptionError([], "needs exactly one of label, source and value");
  }
  if (label !== "") return ({ labels }) => labelValue(labels, label);
  return source !== "" ? ({ extracted }) => extracted[source] : () => value;
}
