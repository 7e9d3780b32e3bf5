import type { StreamConfig } from "@nats-io/jetstream";
import type { StreamDefinition } from "../../transport/event-store.ts";
import { subjectsToAdd } from "../../transport/stream-subjects.ts";

const defaultDuplicateWindowMs = 120_000;

/** A stream's configuration as the broker is asked for it, and as it is compared: what a definition says, and no more. */
export type WantedConfiguration = Pick<
  StreamConfig,
  | "name"
  | "subjects"
  | "retention"
  | "storage"
  | "discard"
  | "max_age"
  | "max_msgs"
  | "max_bytes"
  | "num_replicas"
  | "duplicate_window"
  | "no_ack"
>;

/** What the broker is to be asked for. */
export function configurationOf(definition: StreamDefinition): WantedConfiguration {
  const { name, subjects, maxAgeMs, maxMessages, maxBytes, replicas, duplicateWindowMs } = definition;
  return {
    name,
    subjects: [...subjects],
    retention: "limits",
    storage: "file",
    discard: "old",
    max_age: nanosecondsOf(maxAgeMs ?? 0),
    max_msgs: maxMessages ?? -1,
    max_bytes: maxBytes ?? -1,
    num_replicas: replicas ?? 1,
    // The broker takes none that is longer than a message lives.
    duplicate_window: nanosecondsOf(Math.min(duplicateWindowMs ?? defaultDuplicateWindowMs, maxAgeMs ?? Infinity)),
    no_ack: false,
  };
}

/** What is other than wanted, each as `maxAgeMs: 60000 is wanted, 3600000 is there`; subjects that can be added are not. */
export function differences(definition: StreamDefinition, there: Partial<StreamConfig>): readonly string[] {
  const wanted = configurationOf(definition);
  const found: string[] = [];
  const compare = (name: string, want: unknown, have: unknown): void => {
    if (want !== have) found.push(`${name}: ${String(want)} is wanted, ${String(have)} is there`);
  };
  if (subjectsToAdd(definition, there.subjects ?? []) === undefined) {
    compare("subjects", listOf(wanted.subjects), listOf(there.subjects ?? []));
  }
  compare("maxAgeMs", limitOf(wanted.max_age / 1e6), limitOf((there.max_age ?? 0) / 1e6));
  compare("maxMessages", limitOf(wanted.max_msgs), limitOf(there.max_msgs ?? -1));
  compare("maxBytes", limitOf(wanted.max_bytes), limitOf(there.max_bytes ?? -1));
  compare("replicas", wanted.num_replicas, there.num_replicas ?? 1);
  compare("duplicateWindowMs", wanted.duplicate_window / 1e6, (there.duplicate_window ?? 0) / 1e6);
  compare("retention", wanted.retention, there.retention);
  compare("storage", wanted.storage, there.storage);
  compare("discard", wanted.discard, there.discard);
  compare("no_ack", false, there.no_ack ?? false);
  compare("sealed", false, there.sealed ?? false);
  // They lose or change what was published, or refuse it later, and nothing would say so.
  compare("maxMessagesPerSubject", "none", limitOf(there.max_msgs_per_subject ?? -1));
  if (there.mirror !== undefined) found.push(`mirror: none is wanted, one of "${there.mirror.name}" is there`);
  if (there.subject_transform !== undefined) found.push("subject_transform: none is wanted, one is there");
  return found;
}

function nanosecondsOf(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}

function limitOf(value: number): string {
  return value > 0 ? String(value) : "none";
}

function listOf(subjects: readonly string[]): string {
  return [...subjects].sort().join(" ");
}
