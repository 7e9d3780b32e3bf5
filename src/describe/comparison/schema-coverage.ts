import type { JsonSchema, JsonValue } from "../json.ts";
import { coverArray } from "./cover-array.ts";
import { coverNumber } from "./cover-number.ts";
import { coverObject } from "./cover-object.ts";
import { coverString } from "./cover-string.ts";
import { commentsOf } from "./schema-comments.ts";
import { type Effort, TooMuchEffort } from "./effort.ts";
import { tellingFields } from "./exclusive-options.ts";
import type { Cover, Refusal, Refuse } from "./refusal.ts";
import { sameSchema } from "./same-schema.ts";
import { hasType, type JsonType, sameValue, type SchemaForm } from "./schema-form.ts";
import { allOf, asSchema, countable, formsOf, type Resolve } from "./schema-forms.ts";
import { nameTypes, nameValues } from "./schema-names.ts";
import { takesValue } from "./takes-value.ts";

const maximumRefusals = 16;
/** A field with more values than this tells no forms apart. */
const maximumSplit = 32;
/** Keywords that are understood: each is looked at where its kind of value is. */
const understood = new Set([
  "$comment",
  "additionalProperties",
  "contentEncoding",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maximum",
  "maxItems",
  "maxLength",
  "maxProperties",
  "minimum",
  "minItems",
  "minLength",
  "minProperties",
  "multipleOf",
  "not",
  "pattern",
  "prefixItems",
  "properties",
  "propertyNames",
  "required",
  "uniqueItems",
]);

/**
 * Finds what one schema lets a sender send and another refuses. Nothing found means that everything sent is taken; what
 * cannot be judged is found too, where the two differ.
 *
 * What a sender's object does not name is not sent, so a receiver may give such a name a meaning; but a receiver that
 * begins to refuse what it does not name refuses callers that were not strict themselves.
 */
export class SchemaCoverage {
  readonly #resolveSent: Resolve;
  readonly #resolveTaken: Resolve;
  /** Pairs that hold, or are being looked at: a schema that stands in itself holds where nothing speaks against it. */
  readonly #assumed = new Set<string>();
  readonly #effort: Effort;

  /** For the schemas of two descriptions. */
  constructor(resolveSent: Resolve, resolveTaken: Resolve, effort: Effort) {
    this.#resolveSent = counted(resolveSent, effort);
    this.#resolveTaken = counted(resolveTaken, effort);
    this.#effort = effort;
  }

  /** What of `sent` is refused by `taken`. */
  refusals(sent: JsonSchema, taken: JsonSchema): readonly Refusal[] {
    try {
      return this.#cover(sent, taken, "").slice(0, maximumRefusals);
    } catch (error) {
      if (!(error instanceof TooMuchEffort)) throw error;
      return [{ path: "", text: "takes too long to be compared", isJudged: false }];
    }
  }

  #cover(sent: JsonSchema, taken: JsonSchema, path: string): readonly Refusal[] {
    const pair = JSON.stringify([sent, taken]);
    this.#effort.spend(pair.length);
    if (this.#assumed.has(pair)) return [];
    const before = this.#assumed.size;
    this.#assumed.add(pair);
    const takenForms = formsOf(taken, this.#resolveTaken);
    const refusals = formsOf(sent, this.#resolveSent).flatMap((form) => this.#coverForm(form, takenForms, path));
    // What was found to hold since then may hold only because this was taken to hold.
    if (refusals.length > 0) { for (const held of [...this.#assumed].slice(before)) this.#assumed.delete(held); }
    return distinct(refusals);
  }

  #coverForm(sent: SchemaForm, takenForms: readonly SchemaForm[], path: string): readonly Refusal[] {
    if (takenForms.length === 0) return [{ path, text: "is not taken any more", isJudged: true }];
    if (sent.values !== undefined) return this.#coverValues(sent, takenForms, path);
    const attempts = takenForms.map((form) => this.#coverByForm(sent, form, path));
    if (attempts.some((refusals) => refusals.length === 0)) return [];
    if (attempts.length === 1) return attempts[0]!;
    const lost = [...sent.types].filter((type) => !takenForms.some(({ types }) => hasKind(types, type)));
    if (sent.types.size > 1) {
      // Each kind of value may have a form of its own.
      const kept = [...sent.types].filter((type) => !lost.includes(type));
      return [
        ...lost.length > 0 ? [otherKind(lost, takenForms, path)] : [],
        ...kept.flatMap((type) => this.#coverForm(countable({ ...sent, types: new Set([type]) }), takenForms, path)),
      ];
    }
    if (lost.length > 0) return [otherKind(lost, takenForms, path)];
    const split = sent.types.has("object") ? this.#splitByField(sent) : [];
    if (split.length > 0) return split.flatMap((form) => this.#coverForm(form, takenForms, path));
    // The form that was meant is the one that comes nearest.
    const meant = attempts.filter((_, index) =>
      [...sent.types].some((type) => hasKind(takenForms[index]!.types, type))
    );
    return meant.reduce((best, refusals) => refusals.length < best.length ? refusals : best);
  }

  /** An object by the values of a field that may tell forms apart; none where no such field has more than one. */
  #splitByField(sent: SchemaForm): readonly SchemaForm[] {
    for (const [name, values] of tellingFields(sent, (schema) => formsOf(asSchema(schema), this.#resolveSent))) {
      if (values.length < 2 || values.length > maximumSplit) continue;
      return values.map((value) => ({ ...sent, parts: [...sent.parts, { properties: { [name]: { const: value } } }] }));
    }
    return [];
  }

  #coverValues(sent: SchemaForm, takenForms: readonly SchemaForm[], path: string): readonly Refusal[] {
    const meant = sent.values!.filter((value) => sent.parts.every((part) => takesValue(part, value) !== false));
    const refused: JsonValue[] = [];
    const unknown: JsonValue[] = [];
    for (const value of meant) {
      const answers = takenForms.map((form) => this.#formTakes(sent, form, value));
      if (answers.includes(true)) continue;
      if (answers.includes(undefined)) unknown.push(value);
      else refused.push(value);
    }
    const found: Refusal[] = [];
    if (refused.length > 0) {
      found.push({ path, text: `may be ${nameValues(refused)}, which is not taken`, isJudged: true });
    }
    if (unknown.length > 0) {
      found.push({ path, text: `may be ${nameValues(unknown)}, which may not be taken`, isJudged: false });
    }
    return found;
  }

  #formTakes(sent: SchemaForm, { types, values, parts }: SchemaForm, value: JsonValue): boolean | undefined {
    if (!hasType(value, types)) return false;
    if (values !== undefined && !values.some((candidate) => sameValue(candidate, value))) return false;
    const answers = parts.map((part) => this.#isHeld(sent, part) ? true : takesValue(part, value));
    return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
  }

  #isHeld(sent: SchemaForm, part: JsonSchema): boolean {
    return Object.entries(part).every(([keyword, value]) => this.#holds(sent, keyword, value));
  }

  #coverByForm(sent: SchemaForm, taken: SchemaForm, path: string): readonly Refusal[] {
    const lost = [...sent.types].filter((type) => !hasKind(taken.types, type));
    if (lost.length > 0) return [otherKind(lost, [taken], path)];
    if (taken.values !== undefined) {
      return [{ path, text: `may be anything, only ${nameValues(taken.values)} is taken`, isJudged: true }];
    }
    const refusals: Refusal[] = [];
    const refuse: Refuse = (text, isJudged = true) => void refusals.push({ path, text, isJudged });
    const cover: Cover = (inner, by, name) => refusals.push(...this.#cover(allOf(inner), by, path + name));
    for (const part of taken.parts) {
      if (sent.types.has("string")) coverString(sent.parts, part, refuse);
      if (sent.types.has("number") || sent.types.has("integer")) coverNumber(sent, part, refuse);
      if (sent.types.has("array")) coverArray(sent.parts, part, { refuse, cover });
      if (sent.types.has("object")) coverObject(sent.parts, part, { refuse, cover });
      this.#coverOthers(sent, part, refuse);
    }
    return refusals;
  }

  #coverOthers(sent: SchemaForm, part: JsonSchema, refuse: Refuse): void {
    for (const [keyword, value] of Object.entries(part)) {
      if (keyword === "$comment") {
        const known = new Set(sent.parts.flatMap(commentsOf));
        const added = commentsOf(part).filter((comment) => !known.has(comment));
        if (added.length > 0) refuse(`is checked by what JSON Schema cannot tell: ${added.join(", ")}`, false);
      } else if (keyword === "not") {
        if (!this.#holds(sent, keyword, value) && !this.#isApart(sent, asSchema(value))) {
          refuse(`may be what is excluded: ${JSON.stringify(value).slice(0, 64)}`);
        }
      } else if (!understood.has(keyword) && !this.#holds(sent, keyword, value)) {
        refuse(`cannot be compared: "${keyword}" has changed`, false);
      }
    }
  }

  /** Whether the sender holds itself to the very same keyword. */
  #holds({ parts }: SchemaForm, keyword: string, value: JsonValue): boolean {
    return parts.some((part) =>
      Object.hasOwn(part, keyword) && sameSchema(part[keyword], value, this.#resolveSent, this.#resolveTaken)
    );
  }

  /** Whether nothing that is sent is what a schema describes. */
  #isApart(sent: SchemaForm, excluded: JsonSchema): boolean {
    return formsOf(excluded, this.#resolveTaken).every(({ types, values }) => {
      if (
        ![...types].some((type) => hasKind(sent.types, type)) && ![...sent.types].some((type) => hasKind(types, type))
      ) {
        return true;
      }
      return values?.every((value) =>
        !hasType(value, sent.types) || sent.parts.some((part) => takesValue(part, value) === false)
      ) ?? false;
    });
  }
}

function otherKind(lost: readonly JsonType[], takenForms: readonly SchemaForm[], path: string): Refusal {
  const wanted = new Set(takenForms.flatMap(({ types }) => [...types]));
  return { path, text: `may be ${nameTypes(lost)}, ${nameTypes(wanted)} is wanted`, isJudged: true };
}

function hasKind(types: ReadonlySet<JsonType>, type: JsonType): boolean {
  return types.has(type) || (type === "integer" && types.has("number"));
}

function distinct(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.map((refusal) => [`${refusal.path} ${refusal.text}`, refusal])).values()];
}

/** References are how a short schema becomes a long one. */
function counted(resolve: Resolve, effort: Effort): Resolve {
  return (reference) => {
    effort.spend(100);
    return resolve(reference);
  };
}
