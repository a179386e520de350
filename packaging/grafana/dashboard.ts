/** Units as Grafana calls them. */
export type Unit = "percentunit" | "bytes" | "Bps" | "s" | "ops" | "cps" | "short" | "none";

export type Panel = Graph | Figure | Lines;

/** Lines over time. */
interface Graph {
  readonly kind: "graph";
  readonly of: Source;
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** One number: the newest. */
interface Figure {
  readonly kind: "figure";
  readonly of: "metrics";
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** Lines of logs, the newest first. */
interface Lines {
  readonly kind: "lines";
  readonly of: "logs";
  readonly title: string;
  readonly unit: "none";
  readonly queries: readonly Query[];
}

/** What is asked: a Prometheus, or a Loki. */
type Source = "metrics" | "logs";

/** PromQL, or LogQL where a Loki is asked, and how its lines are called: `{{device}}`. */
type Query = readonly [expr: string, legend: string];

export interface Dashboard {
  /** Stays the same over versions, so that links to it do. */
  readonly uid: string;
  readonly title: string;
  /** The metric whose label `instance` offers the choice of instances. */
  readonly instancesOf: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

export function graph(title: string, unit: Unit, ...queries: readonly Query[]): Panel {
  return { kind: "graph", of: "metrics", title, unit, queries };
}

export function logGraph(title: string, unit: Unit, ...queries: readonly Query[]): Panel {
  return { kind: "graph", of: "logs", title, unit, queries };
}

export function figure(title: string, unit: Unit, expr: string): Panel {
  return { kind: "figure", of: "metrics", title, unit, queries: [[expr, ""]] };
}

export function logLines(title: string, expr: string): Panel {
  return { kind: "lines", of: "logs", title, unit: "none", queries: [[expr, ""]] };
}

const width = 24;
const size = { graph: { w: 12, h: 8 }, figure: { w: 4, h: 4 }, lines: { w: 24, h: 10 } } as const;
const datasource = { type: "prometheus", uid: "${datasource}" };
const datasources = { metrics: datasource, logs: { type: "loki", uid: "${logs}" } } as const;

/** What Grafana imports. Panels follow one another from left to right, below the heading of their row. */
export function dashboardJson({ uid, title, instancesOf, rows }: Dashboard): object {
  let y = 0;
  let id = 0;
  const panels = rows.flatMap((row) => {
    const heading = {
      id: ++id,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: width, h: 1 },
    };
    let x = 0;
    let height = 0;
    const placed = row.panels.map((panel) => {
      const { w, h } = size[panel.kind];
      if (x + w > width) {
        x = 0;
        y += height;
        height = 0;
      }
      const at = { x, y, w, h };
      x += w;
      height = Math.max(height, h);
      return panelJson(panel, ++id, at);
    });
    y += height;
    return [heading, ...placed];
  });
  return {
    uid,
    title,
    tags: ["sonde"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        datasourceVariable,
        instanceVariable(instancesOf),
        ...(rows.some((row) => row.panels.some((panel) => panel.of === "logs")) ? logsVariables : []),
      ],
    },
    panels,
  };
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const datasource = datasources[panel.of];
  const targets = panel.queries.map(([expr, legendFormat], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat,
    ...(panel.kind === "figure" ? { instant: true } : {}),
  }));
  const { title, unit } = panel;
  const common = {
    id,
    title,
    datasource,
    gridPos,
    targets,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  };
  if (panel.kind === "figure") {
    return { ...common, type: "stat", options: { reduceOptions: { calcs: ["lastNotNull"] }, graphMode: "none" } };
  }
  if (panel.kind === "lines") {
    return { ...common, type: "logs", options: { showTime: true, wrapLogMessage: true, sortOrder: "Descending" } };
  }
  return {
    ...common,
    type: "timeseries",
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
  };
}

const datasourceVariable = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };

/** Which logs, as a stream selector: their labels are those of the config, so a list of instances would not fit them. */
const selector = '{job=~".+"}';
const logsVariables = [
  { name: "logs", label: "Logs from", type: "datasource", query: "loki" },
  {
    name: "streams",
    label: "Streams",
    type: "textbox",
    query: selector,
    current: { text: selector, value: selector },
    options: [{ text: selector, value: selector, selected: true }],
  },
];

function instanceVariable(metric: string): object {
  const query = `label_values(${metric}, instance)`;
  return {
    name: "instance",
    label: "Instance",
    type: "query",
    datasource,
    definition: query,
    query: { query, refId: "instance" },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    current: {},
  };
}
