type SetHealth = (state: "healthy" | "unhealthy", reason?: string) => void;

/** Makes the health of a component of what is wrong with its parts: each part tells its own, or that all is well. */
export function partsHealth(setHealth: SetHealth): (part: string, reason: string | undefined) => void {
  const problems = new Map<string, string>();
  return (part, reason) => {
    if (reason === undefined) problems.delete(part);
    else problems.set(part, reason);
    if (problems.size === 0) setHealth("healthy");
    else setHealth("unhealthy", [...problems.values()].join("; "));
  };
}
