import type { Library, Violation } from "./library.ts";

/**
 * Finds files that import each other in a ring.
 *
 * Dynamic imports load later and make no ring; types make one for the reader, if not for the program.
 */
export function checkCycles({ files }: Library, { typesMakeRings }: { typesMakeRings: boolean }): Violation[] {
  const violations: Violation[] = [];
  const done = new Set<string>();
  const trail: string[] = [];

  function visit(path: string): void {
    if (done.has(path)) return;
    trail.push(path);
    for (const found of files.get(path)?.imports ?? []) {
      if (found.kind === "dynamic" || (found.kind === "type" && !typesMakeRings)) continue;
      for (const target of found.targets) {
        const start = trail.indexOf(target);
        if (start < 0) visit(target);
        else {violations.push({
            path,
            line: found.line,
            reason: `closes a ring: ${[...trail.slice(start), target].join(" → ")}`,
          });}
      }
    }
    trail.pop();
    done.add(path);
  }

  for (const path of files.keys()) visit(path);
  return violations;
}
