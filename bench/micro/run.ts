import { bench as encode } from "./encode.ts";
import { bench as encode2 } from "./encode-2.ts";
import { bench as host } from "./host.ts";
import { bench as logs } from "./logs.ts";
import { bench as queue } from "./queue.ts";
import { bench as receive } from "./receive.ts";
import { bench as relabel } from "./relabel.ts";
import { bench as scan } from "./scan.ts";
import { bench as scanProtobuf } from "./scan-protobuf.ts";

/** Prints what each stage of the path of a sample or a log line costs, in nanoseconds for each. */
for (const stage of [scan, scanProtobuf, relabel, encode, encode2, queue, receive, logs]) {
  for (const { stage: name, nsPerSample, note = "" } of await stage()) {
    console.log(`${name.padEnd(44)} ${nsPerSample.toFixed(0).padStart(6)} ns/sample  ${note}`);
  }
}
await host();
