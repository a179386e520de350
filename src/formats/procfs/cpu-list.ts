/** The CPUs of a list as the kernel writes it: `1-3,8`. An empty list has none. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const range of text.trim().split(",")) {
    if (range === "") continue;
    const [, first = "", last = first] = /^([0-9]+)(?:-([0-9]+))?$/.exec(range) ?? [];
    if (first === "") throw new Error(`cannot parse the CPU list ${JSON.stringify(text.trim())}`);
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.push(cpu);
  }
  return cpus;
}
