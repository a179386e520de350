import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardJson } from "./dashboard.ts";
import { dashboards } from "./dashboards.ts";

// npm run dashboards: writes the dashboards as Grafana imports them, from the values of dashboards.ts.
for (const [name, dashboard] of Object.entries(dashboards)) {
  writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`);
}
