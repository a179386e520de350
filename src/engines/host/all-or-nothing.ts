import type { Collect, Emit } from "./collector.ts";

/** Emits what is collected once all of it is there: where upstream reads everything first, an error leaves nothing. */
export async function allOrNothing(emit: Emit, collect: Collect): Promise<void> {
  const held: Parameters<Emit>[] = [];
  await collect((...series) => void held.push(series));
  for (const series of held) emit(...series);
}
