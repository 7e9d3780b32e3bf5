import { deadLetterSubject, durableConsumerName, redriveSubject } from "../contract/durable-names.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { EventStore, ReadingState, StreamDefinition, StreamReader } from "../transport/event-store.ts";
import type { BegunReading } from "./begun-reading.ts";
import { contractStreams } from "./contract-streams.ts";
import { DeadLetterWriter } from "./dead-letter-writer.ts";
import { DeliveryRunner } from "./delivery-runner.ts";
import type { DeliverySource } from "./delivery-run.ts";
import { SettledMemory } from "./settled-memory.ts";
import { startPosition } from "./start-position.ts";
import { StoredEventReader } from "./stored-event-reader.ts";
import type { StoredListener } from "./stored-listener.ts";

const defaultMaxAttempts = 5;
const defaultAckWaitMs = 30_000;
/** How many events of a durable with an order are here at once: those of one key that fails wait for it here. */
const orderedWindow = 256;
const removalMs = 5_000;

/** Reads a durable subscription: its events, and those that are sent to it again. */
export function beginDurable(
  store: EventStore,
  listener: StoredListener,
  onState: (reader: number, state: ReadingState, error?: MessagingError) => void,
): BegunReading {
  const { contract, namespace, subjects, operation, encryption, clock, logger, options, handle, onError } = listener;
  const { durable = "", concurrency = 1, orderedBy, ackWaitMs = defaultAckWaitMs } = options;
  const { events, deadLetters } = contractStreams(contract, namespace);
  const consumer = durableConsumerName(durable, operation.name);
  const prefix = subjects.of(operation.subject);
  const own = source(events, false);
  const again = source(deadLetters, true);
  const runner = new DeliveryRunner([own, again], {
    operation,
    durable,
    reader: new StoredEventReader({ operation, prefix, relative: (subject) => subjects.relative(subject), encryption }),
    letters: new DeadLetterWriter({
      store,
      stream: deadLetters.name,
      subject: subjects.of(deadLetterSubject(contract, operation.name, durable)),
      consumer,
      event: operation.name,
    }),
    handle,
    concurrency,
    maxAttempts: options.maxAttempts ?? defaultMaxAttempts,
    backoffMs: options.backoffMs,
    orderedBy,
    ackWaitMs,
    onError,
    onBuried: ({ event, id, sequence }, { reason, detail, attempts }) => {
      logger.warn("An event became a dead letter", { event, durable, id, sequence, attempts, reason, detail });
    },
    onDone: (from, sequence) => {
      if (!from.sentAgain) return;
      // What was sent again is nobody else's; where this connection may not take it out, it stays.
      const call = { timeoutMs: removalMs, operation: operation.name };
      store.remove(from.stream, sequence, call).catch((error: unknown) => {
        logger.debug("An event that was sent again was not taken out of its stream", { event: operation.name, error });
      });
    },
    clock,
  });
  const read = (index: number, from: DeliverySource, stream: StreamDefinition, subject: string): StreamReader =>
    store.consume({
      stream,
      subject,
      consumer,
      from: from.sentAgain ? "all" : startPosition(options.from ?? "new"),
      window: orderedBy === undefined ? concurrency : Math.max(orderedWindow, concurrency),
      ackWaitMs,
      exclusive: orderedBy !== undefined,
      onState: (state, error) => onState(index, state, error),
      onDelivery: (delivery) => runner.receive(from, delivery),
    });
  return {
    readers: [
      read(0, own, events, operation.template.subscribeSubject(prefix, options.params ?? {})),
      read(1, again, deadLetters, subjects.of(redriveSubject(contract, operation.name, durable))),
    ],
    stop: (graceMs) => runner.stop(graceMs),
  };
}

function source({ name }: StreamDefinition, sentAgain: boolean): DeliverySource {
  return { stream: name, sentAgain, running: new Map(), settled: new SettledMemory() };
}
