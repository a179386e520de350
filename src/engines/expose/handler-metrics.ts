import type { Labels } from "../../signals/labels.ts";
import type { MetricFamily, MetricType } from "../../signals/metric-family.ts";

/** Codes that are there from the start, as client_golang has it, so that a rate over them has a beginning. */
const initialCodes = [200, 500, 503];

/** What client_golang counts of its /metrics handler, under the same names: dashboards know them. */
export class HandlerMetrics {
  readonly #requests = new Map<number, number>(initialCodes.map((code) => [code, 0]));
  readonly #errors = { encoding: 0, gathering: 0 };
  inFlight = 0;

  countRequest(code: number): void {
    this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1);
  }

  countGatheringError(): void {
    this.#errors.gathering++;
  }

  /** Requests by code, those that came. */
  get requests(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#requests].filter(([, count]) => count > 0));
  }

  families(): MetricFamily[] {
    return [
      family("errors_total", "counter", "Total number of internal errors encountered by the promhttp metric handler.", [
        [["cause", "encoding"], this.#errors.encoding],
        [["cause", "gathering"], this.#errors.gathering],
      ]),
      family("requests_in_flight", "gauge", "Current number of scrapes being served.", [[[], this.inFlight]]),
      family(
        "requests_total",
        "counter",
        "Total number of scrapes by HTTP status code.",
        [...this.#requests].map(([code, count]) => [["code", String(code)], count]),
      ),
    ];
  }
}

type Row = readonly [labels: Labels, value: number];

function family(name: string, type: MetricType, help: string, rows: readonly Row[]): MetricFamily {
  const full = `promhttp_metric_handler_${name}`;
  return { name: full, type, help, samples: rows.map(([labels, value]) => ({ name: full, labels, value })) };
}
