/**
 * The page of one target, rendered beforehand: a scrape costs the load generator one write.
 *
 *     scrape   0    1    2    3    4    5  …      every value differs from one variant to the next
 *     variant  0    1    2    3    0    1
 *
 * With churn, some series carry the number of the scrape in a label, patched into the rendered bytes: each lives for
 * one scrape.
 */
export class Page {
  readonly #variants: Buffer[];
  /** Where the digits of the scrape's number stand in each variant; equal in all of them. */
  readonly #serials: number[] = [];

  constructor(target: number, shape: PageShape) {
    const lines = seriesOf(shape);
    this.#variants = Array.from({ length: variants }, (_, variant) => {
      const texts = lines.map(({ head, key, churns }, at) => {
        const labels = churns ? key.replace(/}?$/, serialLabel) : key;
        return `${head}${labels} ${valueText(target, at, variant)}\n`;
      });
      return Buffer.from(texts.join(""));
    });
    const first = this.#variants[0]!;
    for (let at = first.indexOf(serialMark); at >= 0; at = first.indexOf(serialMark, at + 1)) {
      this.#serials.push(at + serialMark.length);
    }
  }

  /** The bytes of a scrape; valid until the same variant is rendered again. */
  render(scrape: number): Buffer {
    const page = this.#variants[scrape % variants]!;
    for (const at of this.#serials) page.write(serialText(scrape), at, "latin1");
    return page;
  }
}

export interface PageShape {
  readonly series: number;
  /** How many of a hundred series are replaced at each scrape. */
  readonly churnPercent: number;
}

interface PageSeries {
  /** HELP and TYPE, in front of the first series of a family. */
  readonly head: string;
  /** As it stands on the page, labels in order, without the label of a series that churns. */
  readonly key: string;
  readonly churns: boolean;
}

/** Families as an application has them: counters and gauges with labels, and for the most part histograms. */
export function seriesOf({ series, churnPercent }: PageShape): PageSeries[] {
  const lines: { head: string; key: string }[] = [];
  for (let family = 0; lines.length < series; family++) lines.push(...familyLines(family));
  return lines.slice(0, series).map((line, at) => ({ ...line, churns: (at + 1) % 100 < churnPercent }));
}

const bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"];

function familyLines(family: number): { head: string; key: string }[] {
  const kind = ["counter", "histogram", "gauge", "histogram"][family % 4]!;
  const name = `app_module${family}_${kind === "counter" ? "requests_total" : kind === "gauge" ? "queue_length" : "duration_seconds"}`;
  const keys: string[] = [];
  for (const code of ["200", "404", "500"]) {
    const labels = `code="${code}",handler="/api/v1/items/${family}",method="GET"`;
    if (kind !== "histogram") keys.push(`${name}{${labels}}`);
    else {
      for (const le of bounds)
        keys.push(`${name}_bucket{code="${code}",handler="/api/v1/items/${family}",le="${le}",method="GET"}`);
      keys.push(`${name}_sum{${labels}}`, `${name}_count{${labels}}`);
    }
  }
  const head = `# HELP ${name} What module ${family} has to say about itself.\n# TYPE ${name} ${kind}\n`;
  return keys.map((key, at) => ({ head: at === 0 ? head : "", key }));
}

const variants = 4;
const serialMark = ',serial="';
const serialLabel = ',serial="00000000"}';

export function serialText(scrape: number): string {
  return String(scrape).padStart(8, "0");
}

/** Ten characters, some whole, some with a fraction: from a hash, so that whoever checks can tell it again. */
export function valueText(target: number, series: number, scrape: number): string {
  let hash =
    Math.imul(target + 1, 0x9e3779b1) ^
    Math.imul(series + 1, 0x85ebca6b) ^
    Math.imul((scrape % variants) + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = (hash ^ (hash >>> 13)) >>> 0;
  const digits = String(1_000_000_000 + (hash % 1_000_000_000) * 2)
    .padStart(10, "1")
    .slice(0, 10);
  return series % 3 === 0 ? `${digits.slice(0, 5)}.${digits.slice(5, 9)}` : digits;
}
