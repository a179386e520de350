import { lines, words } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter } from "../collector.ts";

/** The counters of /proc/net/xfrm_stat, without their Xfrm, and HELP. */
const helps = {
  InError: "All errors not matched by other",
  InBufferError: "No buffer is left",
  InHdrError: "Header error",
  InNoStates: "No state is found i.e. Either inbound SPI, address, or IPsec protocol at SA is wrong",
  InStateProtoError: "Transformation protocol specific error e.g. SA key is wrong",
  InStateModeError: "Transformation mode specific error",
  InStateSeqError: "Sequence error i.e. Sequence number is out of window",
  InStateExpired: "State is expired",
  InStateMismatch: "State has mismatch option e.g. UDP encapsulation type is mismatch",
  InStateInvalid: "State is invalid",
  InTmplMismatch: "No matching template for states e.g. Inbound SAs are correct but SP rule is wrong",
  InNoPols: "No policy is found for states e.g. Inbound SAs are correct but no SP is found",
  InPolBlock: "Policy discards",
  InPolError: "Policy error",
  OutError: "All errors which is not matched others",
  OutBundleGenError: "Bundle generation error",
  OutBundleCheckError: "Bundle check error",
  OutNoStates: "No state is found",
  OutStateProtoError: "Transformation protocol specific error",
  OutStateModeError: "Transformation mode specific error",
  OutStateSeqError: "Sequence error i.e. Sequence number overflow",
  OutStateExpired: "State is expired",
  OutPolBlock: "Policy discards",
  OutPolDead: "Policy is dead",
  OutPolError: "Policy error",
  FwdHdrError: "Forward routing of a packet is not allowed",
  OutStateInvalid: "State is invalid, perhaps expired",
  AcquireError: "State hasn’t been fully acquired before use",
};

const families = Object.entries(helps).map(([name, help]) => {
  const words = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  return [`Xfrm${name}`, counter(`node_xfrm_${words}_packets_total`, help)] as const;
});

/** A counter that the kernel does not have yet is 0, as upstream. */
export const xfrm: CollectorSpec = {
  name: "xfrm",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      const values = new Map([...lines(files.proc("net/xfrm_stat"))].map((line) => words(line) as [string, string]));
      for (const [name, family] of families) emit(family, noLabels, Number(values.get(name) ?? 0));
    };
  },
};
