import { MessagingError } from "../../errors/messaging-error.ts";
import type { StreamDefinition } from "../../transport/event-store.ts";

/** For how long JetStream remembers a message id unless it is told otherwise, in milliseconds. */
const defaultDuplicateWindowMs = 120_000;

/** A stream's definition with what it leaves out. */
export interface CompleteDefinition {
  readonly subjects: readonly string[];
  readonly maxAgeMs: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly replicas: number;
  readonly duplicateWindowMs: number;
}

/** Fills in what a definition leaves out. */
export function completeDefinition(definition: StreamDefinition): CompleteDefinition {
  const { subjects, maxAgeMs = Infinity, maxMessages = Infinity, maxBytes = Infinity, replicas = 1 } = definition;
  // Longer than messages are kept is no use, and JetStream takes none.
  const duplicateWindowMs = Math.min(definition.duplicateWindowMs ?? defaultDuplicateWindowMs, maxAgeMs);
  return { subjects: [...subjects].sort(), maxAgeMs, maxMessages, maxBytes, replicas, duplicateWindowMs };
}

/** Refuses to take one thing for another of the same name. @throws {MessagingError} `UNSUPPORTED`, with each difference */
export function checkSame<Definition extends object>(
  what: string,
  there: Definition,
  wanted: Definition,
  wayOut?: string,
): void {
  const differences = (Object.keys(wanted) as (keyof Definition & string)[])
    .map((name) => ({ name, want: show(wanted[name]), have: show(there[name]) }))
    .filter(({ want, have }) => want !== have)
    .map(({ name, want, have }) => `${name}: ${want} is wanted, ${have} is there`);
  if (differences.length === 0) return;
  const message = `${what} is there and is another one than wanted: ${differences.join("; ")}${
    wayOut === undefined ? "" : `. To go on, ${wayOut}`
  }`;
  throw new MessagingError("UNSUPPORTED", message, { data: { differences } });
}

function show(value: unknown): string {
  return value === Infinity ? "none" : Array.isArray(value) ? value.join(" ") : String(value);
}
