import type { StreamDefinition } from "./event-store.ts";

/**
 * What a stream that is there has to be given so that it stores all that is wanted; `undefined` where it is none to be
 * changed, as what it stores beside is not its owner's.
 */
export function subjectsToAdd(
  { subjects, sharedRoot }: StreamDefinition,
  there: readonly string[],
): readonly string[] | undefined {
  const missing = subjects.filter((subject) => !there.includes(subject));
  const others = there.filter((subject) => !subjects.includes(subject));
  if (sharedRoot === undefined) return missing.length + others.length === 0 ? [] : undefined;
  return others.every((subject) => isBelow(sharedRoot, subject)) ? missing : undefined;
}

/** A wildcard right below the root would take what nobody asked to have stored. */
function isBelow(root: string, subject: string): boolean {
  return subject.startsWith(`${root}.`) && !"*>".includes(subject[root.length + 1] ?? "*");
}
