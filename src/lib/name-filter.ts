/** An unanchored search. */
export interface Pattern {
  test(text: string): boolean;
}

/** Whether the thing of that name is collected. */
export type NameFilter = (name: string) => boolean;

const mostRemembered = 4096;

/**
 * Names that match `include`, if there is one, and do not match `exclude`. Scrape after scrape brings the same names, so
 * the answers are remembered; a host that keeps inventing names (containers' mounts) only makes it forget and ask again.
 */
export function nameFilter(include: Pattern | undefined, exclude: Pattern | undefined): NameFilter {
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = (include === undefined || include.test(name)) && !exclude?.test(name);
    if (answers.size >= mostRemembered) answers.clear();
    answers.set(name, answer);
    return answer;
  };
}
