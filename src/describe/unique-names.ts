/**
 * Gives everything a name of its own. Each takes the first of its wishes that nobody else has; where several have the
 * same one, all of them go on to their next, so that none of them looks like the one that is meant. Names that differ in
 * case only are the same: they become file names in generated code. What wishes do not settle, a number does.
 */
export function uniqueNames<Key>(
  wishes: ReadonlyMap<Key, readonly [string, ...string[]]>,
  taken: Iterable<string> = [],
): ReadonlyMap<Key, string> {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  const settled = settleWishes(wishes, used);
  const isShared = sharing(settled, used);
  const own = [...settled].filter(([, name]) => !isShared(name));
  const shared = [...settled].filter(([, name]) => isShared(name));
  const given = new Set([...used, ...own.map(([, name]) => name.toLowerCase())]);
  const numbered = shared.map(([key, name]) => {
    const stem = /\d$/.test(name) ? `${name}_` : name;
    let candidate = name;
    for (let number = 2; given.has(candidate.toLowerCase()); number++) candidate = stem + number;
    given.add(candidate.toLowerCase());
    return [key, candidate] as const;
  });
  return new Map([...own, ...numbered]);
}

function settleWishes<Key>(
  wishes: ReadonlyMap<Key, readonly [string, ...string[]]>,
  used: ReadonlySet<string>,
): ReadonlyMap<Key, string> {
  const levels = new Map<Key, number>([...wishes.keys()].map((key) => [key, 0]));
  for (;;) {
    const chosen = new Map([...wishes].map(([key, forms]) => [key, forms[levels.get(key)!]!]));
    const isShared = sharing(chosen, used);
    const moving = [...wishes].filter(([key, forms]) =>
      levels.get(key)! < forms.length - 1 && isShared(chosen.get(key)!)
    );
    if (moving.length === 0) return chosen;
    for (const [key] of moving) levels.set(key, levels.get(key)! + 1);
  }
}

/** Tells which of the names more than one has, or someone else had before. */
function sharing<Key>(names: ReadonlyMap<Key, string>, used: ReadonlySet<string>): (name: string) => boolean {
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  return (name) => counts.get(name.toLowerCase())! > 1 || used.has(name.toLowerCase());
}
