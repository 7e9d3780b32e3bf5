import type { BodyDescription, ContractDescription } from "../contract-description.ts";
import type { ContractChange, ContractChangeCode } from "../contract-changes.ts";
import { isJsonObject, type JsonSchema, type JsonValue } from "../json.ts";
import { Effort } from "./effort.ts";
import { fieldPaths } from "./field-paths.ts";
import type { Refusal } from "./refusal.ts";
import { sameSchema } from "./same-schema.ts";
import { commentsOf } from "./schema-comments.ts";
import { SchemaCoverage } from "./schema-coverage.ts";
import type { Resolve } from "./schema-forms.ts";

/** One body in two versions of a contract. */
export interface BodyPair {
  /** Whose it is. */
  readonly of: Pick<ContractChange, "operation" | "kind">;
  /** The body before, of which description. */
  readonly previous: BodyDescription;
  /** The body now. */
  readonly next: BodyDescription;
  /** What is said of a change. */
  readonly told: BodyTexts;
}

/** How a change of a body is told. */
export interface BodyTexts {
  /** Where those of the previous version are let down. */
  readonly breaking: { readonly code: ContractChangeCode; readonly text: string };
  /** Where they are not; absent where that need not be told. */
  readonly compatible?: { readonly code: ContractChangeCode; readonly text: string };
}

/** Finds what has changed of what travels between two versions of a contract. */
export class BodyComparison {
  readonly #resolvePrevious: Resolve;
  readonly #resolveNext: Resolve;
  readonly #effort: Effort = new Effort();

  /** Of two versions. */
  constructor(previous: ContractDescription, next: ContractDescription) {
    this.#resolvePrevious = resolver(previous);
    this.#resolveNext = resolver(next);
  }

  /** Callers of the previous version send it, the next takes it. */
  taken(pair: BodyPair): readonly ContractChange[] {
    const { previous, next } = pair;
    return this.#changes(
      pair,
      cover(previous, next, this.#resolvePrevious, this.#resolveNext, this.#effort),
      () => cover(next, previous, this.#resolveNext, this.#resolvePrevious, this.#effort),
    );
  }

  /** The next version sends it, those of the previous take it. */
  given(pair: BodyPair): readonly ContractChange[] {
    const { previous, next } = pair;
    return this.#changes(
      pair,
      cover(next, previous, this.#resolveNext, this.#resolvePrevious, this.#effort),
      () => cover(previous, next, this.#resolvePrevious, this.#resolveNext, this.#effort),
    );
  }

  #changes(
    pair: BodyPair,
    refusals: readonly Refusal[],
    reversed: () => readonly Refusal[],
  ): readonly ContractChange[] {
    const { of, told, previous, next } = pair;
    const isSame = previous.optional === next.optional &&
      sameSchema(previous.schema, next.schema, this.#resolvePrevious, this.#resolveNext);
    if (isSame) return [];
    if (refusals.length > 0) {
      const { code, text } = told.breaking;
      return refusals.map((refusal) => ({ ...of, severity: "breaking", code, text: `${text}: ${sentence(refusal)}` }));
    }
    if (told.compatible === undefined) return [];
    const { code, text } = told.compatible;
    const findings = [...this.#fieldChanges(pair), ...reversed().map((refusal) => past(sentence(refusal)))].slice(0, 8);
    const detail = findings.length === 0 ? "" : `: ${findings.join("; ")}`;
    const changes: ContractChange[] = [{ ...of, severity: "compatible", code, text: text + detail }];
    const unseen = this.#comments(pair);
    if (unseen.length > 0) {
      const list = unseen.join(", ");
      const unjudged = `Not compared of ${of.kind} "${of.operation}", for JSON Schema cannot tell it: ${list}`;
      changes.push({ ...of, severity: "compatible", code: "NOT_COMPARED", text: unjudged });
    }
    return changes;
  }

  #fieldChanges({ previous, next }: BodyPair): readonly string[] {
    const before = fieldPaths(previous.schema ?? {}, this.#resolvePrevious);
    const now = fieldPaths(next.schema ?? {}, this.#resolveNext);
    return [
      ...[...now].filter((path) => !before.has(path)).map((path) => `${place(path)} is new`),
      ...[...before].filter((path) => !now.has(path)).map((path) => `${place(path)} is gone`),
    ];
  }

  /** Checks of the next version that a comparison did not see. */
  #comments({ next }: BodyPair): readonly string[] {
    const found = new Set<string>();
    const seen = new Set<string>();
    const walk = (part: JsonValue | undefined): void => {
      if (Array.isArray(part)) part.forEach(walk);
      if (!isJsonObject(part)) return;
      for (const comment of commentsOf(part)) found.add(comment);
      const { $ref } = part;
      if (typeof $ref === "string" && !seen.has($ref)) {
        seen.add($ref);
        walk(this.#resolveNext($ref));
      }
      Object.values(part).forEach(walk);
    };
    walk(next.schema);
    return [...found];
  }
}

function cover(
  sent: BodyDescription,
  taken: BodyDescription,
  resolveSent: Resolve,
  resolveTaken: Resolve,
  effort: Effort,
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if (sent.optional && !taken.optional) {
    refusals.push({ path: "", text: "may be left out, a value is wanted", isJudged: true });
  }
  if (sent.schema === undefined) return refusals;
  if (taken.schema === undefined) {
    return [...refusals, { path: "", text: "may be a value, none is taken", isJudged: true }];
  }
  return [...refusals, ...new SchemaCoverage(resolveSent, resolveTaken, effort).refusals(sent.schema, taken.schema)];
}

/** Follows references of a description, each a place in it (RFC 6901). */
function resolver({ schemas }: ContractDescription): Resolve {
  return (reference) => {
    if (!reference.startsWith("#/schemas/")) return undefined;
    let found: unknown = schemas;
    for (const key of reference.slice("#/schemas/".length).split("/")) {
      const name = unescapePointer(key);
      if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
      found = (found as Record<string, unknown>)[name];
    }
    if (found === true || found === false) return found ? {} : { not: {} };
    return isJsonObject(found) ? found as JsonSchema : undefined;
  };
}

function unescapePointer(key: string): string {
  try {
    return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return key;
  }
}

function place(path: string): string {
  return path === "" ? "it" : `"${path.replace(/^\./, "")}"`;
}

function sentence({ path, text, isJudged }: Refusal): string {
  return `${place(path)} ${text}${isJudged ? "" : " (cannot be judged)"}`;
}

function past(text: string): string {
  return text.replaceAll(
    /\b(is|are) (wanted|taken)\b/g,
    (_, verb, rest) => `${verb === "is" ? "was" : "were"} ${rest}`,
  );
}
