import type { Contract } from "../contract/contract.ts";
import type { DurableDefinition } from "../contract/definition.ts";
import {
  deadLetterStreamName,
  deadLetterSubject,
  durableStreamName,
  redriveSubject,
} from "../contract/durable-names.ts";
import { contractSubjects } from "../contract/subjects.ts";
import type { StreamDefinition } from "../transport/event-store.ts";

/** For how long a stream remembers ids where its events are kept so long, in milliseconds. */
const duplicateWindowMs = 120_000;
/** A letter that was written and could not be taken off its stream is written again when it comes again, maybe much later. */
const letterWindowMs = 3_600_000;

/** The two streams of a contract with durable events. */
export interface ContractStreams {
  /** Its durable events. */
  readonly events: StreamDefinition & { readonly duplicateWindowMs: number };
  /** What durable subscriptions could not handle, and what is sent to them again. */
  readonly deadLetters: StreamDefinition;
}

/** The streams of a contract as it defines them. @throws {TypeError} where the namespace is not made of subject tokens */
export function contractStreams(contract: Contract, namespace: string | undefined): ContractStreams {
  const subjects = contractSubjects(contract, namespace);
  const durable = [...contract.events.values()].filter((event) => event.durable !== undefined);
  const limits: DurableDefinition = durable.map((event) => event.durable!)
    .find((given) => Object.keys(given).length > 0) ?? {};
  return {
    events: {
      name: durableStreamName(contract, namespace),
      subjects: durable.map((event) => event.template.subscribeSubject(subjects.of(event.subject), {})),
      // The contract's versions run beside each other while one follows the other.
      sharedRoot: subjects.of(`${contract.name}.v${contract.major}.event`),
      maxAgeMs: limits.maxAgeMs,
      maxMessages: limits.maxMessages,
      maxBytes: limits.maxBytes,
      replicas: limits.replicas,
      // JetStream refuses a window that is longer than what it is about is kept.
      duplicateWindowMs: Math.min(duplicateWindowMs, limits.maxAgeMs ?? duplicateWindowMs),
    },
    // No limit: a letter that made room for a newer one would be an event lost without a word.
    deadLetters: {
      name: deadLetterStreamName(contract, namespace),
      subjects: [deadLetterSubject(contract, "*", "*"), redriveSubject(contract, "*", "*")].map(subjects.of),
      replicas: limits.replicas,
      duplicateWindowMs: letterWindowMs,
    },
  };
}
