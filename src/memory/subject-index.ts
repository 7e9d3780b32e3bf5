import { tokensMatch } from "./subject-pattern.ts";

/** Somebody who listens to a subject. */
export interface Listener {
  /** A subject, `*` and a last `>` standing for tokens. */
  readonly subject: string;
}

interface Pattern<L extends Listener> {
  readonly tokens: readonly string[];
  readonly listener: L;
}

const nobody: readonly never[] = [];

/**
 * Finds who listens to a subject. Nearly all subjects of a program are whole or end with their only wildcard, `*`, as an
 * inbox does; these are found without a look at any other.
 */
export class SubjectIndex<L extends Listener> {
  /** Lists are never changed, only replaced: one may be read while a listener comes or goes. */
  readonly #exact = new Map<string, readonly L[]>();
  /** Those that end with their only wildcard, by what is before its dot. */
  readonly #children = new Map<string, readonly L[]>();
  #patterns: readonly Pattern<L>[] = [];

  /** Adds a listener. */
  add(listener: L): void {
    const { map, key } = this.#placeOf(listener);
    if (map !== undefined) map.set(key, [...map.get(key) ?? nobody, listener]);
    else this.#patterns = [...this.#patterns, { tokens: listener.subject.split("."), listener }];
  }

  /** Takes a listener away. */
  delete(listener: L): void {
    const { map, key } = this.#placeOf(listener);
    if (map === undefined) {
      this.#patterns = this.#patterns.filter((pattern) => pattern.listener !== listener);
      return;
    }
    const others = (map.get(key) ?? nobody).filter((other) => other !== listener);
    if (others.length === 0) map.delete(key);
    else map.set(key, others);
  }

  /** Who listens to this subject. */
  find(subject: string): readonly L[] {
    const exact = this.#exact.get(subject) ?? nobody;
    const children = this.#children.size === 0 ? nobody : this.#children.get(parentOf(subject)) ?? nobody;
    if (this.#patterns.length === 0) {
      if (children.length === 0) return exact;
      if (exact.length === 0) return children;
    }
    const tokens = subject.split(".");
    const matching = this.#patterns.filter((pattern) => tokensMatch(pattern.tokens, tokens));
    return [...exact, ...children, ...matching.map(({ listener }) => listener)];
  }

  #placeOf({ subject }: L): { readonly map: Map<string, readonly L[]> | undefined; readonly key: string } {
    const wildcards = subject.split(".").filter((token) => token === "*" || token === ">").length;
    if (wildcards === 0) return { map: this.#exact, key: subject };
    const endsWithIt = wildcards === 1 && subject.endsWith(".*");
    return { map: endsWithIt ? this.#children : undefined, key: parentOf(subject) };
  }
}

/** What is before a subject's last dot. */
function parentOf(subject: string): string {
  return subject.slice(0, Math.max(0, subject.lastIndexOf(".")));
}
