/** A part of a metric's name of what a driver calls a counter: runs of other characters become one underscore. */
export function metricName(name: string): string {
  return name.replace(/_*[^0-9A-Za-z_]+_*/g, "_");
}
