/** Components of a document by kind and name. */
type Components = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A test for the components that a part of a document refers to, directly or by another of them. */
export function referencedComponents(components: Components, from: object): (kind: string, name: string) => boolean {
  const wanted = new Set<string>();
  const waiting: unknown[] = [from];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    for (const [, kind, name] of JSON.stringify(part).matchAll(/"\$ref":"#\/components\/([^"/]+)\/([^"/]+)/g)) {
      if (wanted.has(`${kind}/${name}`)) continue;
      wanted.add(`${kind}/${name}`);
      waiting.push(components[kind!]?.[name!]);
    }
  }
  return (kind, name) => wanted.has(`${kind}/${name}`);
}
