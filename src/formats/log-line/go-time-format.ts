import { layoutElements } from "./go-layout.ts";
import type { TimeZone } from "./time-zone.ts";

/** Go's time.Format: a moment (nanoseconds since the epoch) as the layout writes the reference time. */
export function formatGoTime(layout: string, nanoseconds: bigint, zone: TimeZone): string {
  const seconds = floorDivide(nanoseconds, 1_000_000_000n);
  const utc = Number(seconds) * 1000;
  const offset = zone.offsetAt(utc);
  const parts: Parts = {
    local: new Date(utc + offset * 1000),
    nanosecond: Number(nanoseconds - seconds * 1_000_000_000n),
    offset,
    zone: zone.nameAt(utc),
  };
  return layout.replaceAll(layoutElements, (element) => (elements[element] ?? numeric(element))(parts));
}

interface Parts {
  /** Its UTC fields are those of the place. */
  readonly local: Date;
  readonly nanosecond: number;
  readonly offset: number;
  readonly zone: string;
}

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const elements: Readonly<Record<string, (parts: Parts) => string>> = {
  "2006": ({ local }) => String(local.getUTCFullYear()).padStart(4, "0"),
  "06": ({ local }) => two(local.getUTCFullYear() % 100),
  January: ({ local }) => months[local.getUTCMonth()] ?? "",
  Jan: ({ local }) => (months[local.getUTCMonth()] ?? "").slice(0, 3),
  "01": ({ local }) => two(local.getUTCMonth() + 1),
  "1": ({ local }) => String(local.getUTCMonth() + 1),
  Monday: ({ local }) => days[local.getUTCDay()] ?? "",
  Mon: ({ local }) => (days[local.getUTCDay()] ?? "").slice(0, 3),
  "02": ({ local }) => two(local.getUTCDate()),
  "2": ({ local }) => String(local.getUTCDate()),
  _2: ({ local }) => String(local.getUTCDate()).padStart(2),
  "002": ({ local }) => String(yearDay(local)).padStart(3, "0"),
  __2: ({ local }) => String(yearDay(local)).padStart(3),
  "15": ({ local }) => two(local.getUTCHours()),
  "03": ({ local }) => two(local.getUTCHours() % 12 || 12),
  "3": ({ local }) => String(local.getUTCHours() % 12 || 12),
  "04": ({ local }) => two(local.getUTCMinutes()),
  "4": ({ local }) => String(local.getUTCMinutes()),
  "05": ({ local }) => two(local.getUTCSeconds()),
  "5": ({ local }) => String(local.getUTCSeconds()),
  PM: ({ local }) => (local.getUTCHours() < 12 ? "AM" : "PM"),
  pm: ({ local }) => (local.getUTCHours() < 12 ? "am" : "pm"),
  MST: ({ zone }) => zone,
};

/** Fractions and offsets, whose forms are many. */
function numeric(element: string): (parts: Parts) => string {
  if (/^[.,]/.test(element)) return ({ nanosecond }) => fraction(element, nanosecond);
  return ({ offset }) => (element[0] === "Z" && offset === 0 ? "Z" : offsetText(element, offset));
}

/** Zeros ask for so many digits, nines for those that are not zero at the end. */
function fraction(element: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .slice(0, element.length - 1);
  if (element[1] === "0") return element[0] + digits.padEnd(element.length - 1, "0");
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : element[0] + trimmed;
}

function offsetText(element: string, offset: number): string {
  const magnitude = Math.abs(offset);
  const fields = [magnitude / 3600, (magnitude / 60) % 60, magnitude % 60].map((field) => two(Math.floor(field)));
  const count = element.replaceAll(/[^0-9]/g, "").length / 2;
  return (offset < 0 ? "-" : "+") + fields.slice(0, count).join(element.includes(":") ? ":" : "");
}

function yearDay(local: Date): number {
  return Math.floor((local.getTime() - new Date(0).setUTCFullYear(local.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value / by - (value % by < 0n ? 1n : 0n);
}
