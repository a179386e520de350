import type { Route } from "./route.ts";
import { refresh, style } from "./routes/assets.ts";
import { component } from "./routes/component.ts";
import { components } from "./routes/components.ts";
import { firstPage } from "./routes/first-page.ts";
import { graph } from "./routes/graph.ts";
import { healthy } from "./routes/healthy.ts";
import { metrics } from "./routes/metrics.ts";
import { queues } from "./routes/queues.ts";
import { ready } from "./routes/ready.ts";
import { reload } from "./routes/reload.ts";
import { targets } from "./routes/targets.ts";

/** Every path the agent answers. */
export const routes: readonly Route[] = [
  firstPage,
  ready,
  healthy,
  reload,
  metrics,
  components,
  component,
  graph,
  targets,
  queues,
  style,
  refresh,
];
