import type { Contract, EventOperation } from "../contract/contract.ts";
import {
  deadLetterStreamName,
  deadLetterSubject,
  durableConsumerName,
  durableStreamName,
  redriveSubject,
} from "../contract/durable-names.ts";
import { contractSubjects } from "../contract/subjects.ts";

/** What a reader of stored events may be more than the least. */
export interface DurableRights {
  /**
   * Makes its own consumers where they are not there, and again where they were deleted. It then could have stored events
   * sent wherever it likes, the broker's own subjects included: leave it away, and let a user that you trust make the
   * consumers first, for example by subscribing once. @default false
   */
  readonly createConsumers?: boolean;
  /**
   * Looks at dead letters, sends them again and discards them. NATS cannot tell one durable's letters from another's of the
   * contract here. @default false
   */
  readonly deadLetters?: boolean;
}

/**
 * What a durable's reader may publish: ask what its consumers are, ask them for messages, acknowledge these, and store what
 * it could not handle. One consumer reads the events, the other one what is sent again. Newer brokers put the domain and the
 * account's hash into acknowledgements, so both forms are allowed.
 */
export function durableSubjects(
  contract: Contract,
  events: readonly EventOperation[],
  durable: string,
  namespace: string | undefined,
  rights: DurableRights,
): string[] {
  const main = durableStreamName(contract, namespace);
  const dead = deadLetterStreamName(contract, namespace);
  const subjects = contractSubjects(contract, namespace);
  const consumers = events.map((event) => durableConsumerName(durable, event.name));
  const reading = consumers.flatMap((consumer) =>
    [main, dead].flatMap((stream) => [
      `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      `$JS.ACK.${stream}.${consumer}.>`,
      `$JS.ACK.*.*.${stream}.${consumer}.>`,
      ...(rights.createConsumers === true ? [`$JS.API.CONSUMER.CREATE.${stream}.${consumer}`] : []),
    ])
  );
  return [
    ...reading,
    ...events.map((event) => subjects.of(deadLetterSubject(contract, event.name, durable))),
    // Who makes a consumer looks at its stream first.
    ...(rights.createConsumers === true ? [main, dead].map((stream) => `$JS.API.STREAM.INFO.${stream}`) : []),
    ...(rights.deadLetters === true
      ? [
        `$JS.API.STREAM.INFO.${dead}`,
        `$JS.API.STREAM.MSG.GET.${dead}`,
        `$JS.API.STREAM.MSG.DELETE.${dead}`,
        ...events.map((event) => subjects.of(redriveSubject(contract, event.name, durable))),
      ]
      : []),
  ];
}

/**
 * What somebody may ask who reads the contract's stored events alone: look at the stream, make a consumer of a name of its
 * own each time, for one of these subjects and no other, and ask it for messages. NATS compares whole tokens, so that a
 * consumer's name cannot be narrowed to those that begin in a certain way. Taking a consumer away is not among it: that
 * would be everybody's, and the broker forgets one that nobody asks.
 */
export function replaySubjects(
  contract: Contract,
  eventSubjects: readonly string[],
  namespace: string | undefined,
): string[] {
  if (eventSubjects.length === 0) return [];
  const main = durableStreamName(contract, namespace);
  return [
    `$JS.API.STREAM.INFO.${main}`,
    ...eventSubjects.map((subject) => `$JS.API.CONSUMER.CREATE.${main}.*.${subject}`),
    `$JS.API.CONSUMER.MSG.NEXT.${main}.*`,
  ];
}

/**
 * What a service may ask of the broker's streams: to make the contract's own, to be shown what they are, and to add the
 * events of a newer version to them.
 */
export function streamSubjects(contract: Contract, namespace: string | undefined): string[] {
  const hasDurable = [...contract.events.values()].some(({ durable }) => durable !== undefined);
  if (!hasDurable) return [];
  const [main, dead] = [durableStreamName(contract, namespace), deadLetterStreamName(contract, namespace)];
  return [
    ...[main, dead].flatMap((stream) => [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.CREATE.${stream}`]),
    // The subjects of dead letters are the same for every event.
    `$JS.API.STREAM.UPDATE.${main}`,
  ];
}
