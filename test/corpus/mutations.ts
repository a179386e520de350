import { Random } from "./random.ts";

export interface Mutant<Body> {
  readonly name: string;
  readonly body: Body;
}

/**
 * `count` texts, each a valid one with a token or a byte too many, too few, twice or elsewhere. `isWanted` leaves out
 * those that must not be served.
 */
export function mutatedTexts(
  bodies: Readonly<Record<string, string>>,
  vocabulary: readonly string[],
  { count, seed, isWanted = () => true }: { count: number; seed: number; isWanted?: (text: string) => boolean },
): Mutant<string>[] {
  const random = new Random(seed);
  const mutants: Mutant<string>[] = [];
  const seen = new Set(Object.values(bodies));
  while (mutants.length < count) {
    const [name, body] = random.of(Object.entries(bodies));
    let mutated = mutateText(body, vocabulary, random);
    if (random.below(3) === 0) mutated = mutateText(mutated, vocabulary, random);
    if (seen.has(mutated) || !isWanted(mutated)) continue;
    seen.add(mutated);
    mutants.push({ name: `${name}, mutant ${mutants.length + 1}`, body: mutated });
  }
  return mutants;
}

/** The same for bytes: one is deleted, doubled, changed in a bit, put in, or all behind it are cut off. */
export function mutatedBytes(
  bodies: Readonly<Record<string, Buffer>>,
  { count, seed, isWanted = () => true }: { count: number; seed: number; isWanted?: (bytes: Buffer) => boolean },
): Mutant<Buffer>[] {
  const random = new Random(seed);
  const mutants: Mutant<Buffer>[] = [];
  while (mutants.length < count) {
    const [name, body] = random.of(Object.entries(bodies));
    const mutated = mutateBytes(body, random);
    if (!isWanted(mutated)) continue;
    mutants.push({ name: `${name}, mutant ${mutants.length + 1}`, body: mutated });
  }
  return mutants;
}

function mutateText(text: string, vocabulary: readonly string[], random: Random): string {
  // Names and numbers, runs of spaces, and every other character by itself.
  const tokens = text.match(/[\w:.]+|[ \t]+|[\s\S]/gu) ?? [];
  const at = random.below(tokens.length);
  const token = tokens[at] ?? "";
  const inToken = random.below(token.length);
  const mutations: (() => readonly string[])[] = [
    () => [],
    () => [token, token],
    () => [random.of(vocabulary), token],
    () => [random.of(vocabulary)],
    () => [random.of(tokens)],
    () => [token.slice(0, inToken) + token.slice(inToken + 1)],
    () => [token.slice(0, inToken) + random.of(vocabulary) + token.slice(inToken)],
  ];
  return tokens.toSpliced(at, 1, ...random.of(mutations)()).join("");
}

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const byte = bytes[at] ?? 0;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)];
  const mutations: (() => readonly Uint8Array[])[] = [
    () => [before, after],
    () => [before, Buffer.of(byte, byte), after],
    () => [before, Buffer.of(byte ^ (1 << random.below(8))), after],
    () => [before, Buffer.of(byte ^ (1 << random.below(8))), after],
    () => [before, Buffer.of(random.below(256), byte), after],
    () => [before],
  ];
  return Buffer.concat(random.of(mutations)());
}
