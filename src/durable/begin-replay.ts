import type { MessagingError } from "../errors/messaging-error.ts";
import type { EventStore, ReadingState, StoredMessage } from "../transport/event-store.ts";
import type { BegunReading } from "./begun-reading.ts";
import { contractStreams } from "./contract-streams.ts";
import { startPosition } from "./start-position.ts";
import { type OpenedMessage, StoredEventReader } from "./stored-event-reader.ts";
import type { StoredListener } from "./stored-listener.ts";
import { within } from "./within.ts";

/** Reads stored events in order, alone, and without a trace at the broker. */
export function beginReplay(
  store: EventStore,
  { contract, namespace, subjects, operation, token, encryption, clock, options, handle, onError }: StoredListener,
  onState: (reader: number, state: ReadingState, error?: MessagingError) => void,
): BegunReading {
  const { events } = contractStreams(contract, namespace);
  const prefix = subjects.of(operation.subject);
  const relative = (subject: string): string => subjects.relative(subject);
  const reader = new StoredEventReader({ operation, prefix, relative, encryption });
  let stopped = false;
  let running: Promise<void> | undefined;

  const take = async (message: StoredMessage): Promise<void> => {
    let opened: OpenedMessage | undefined;
    try {
      opened = reader.open(message, events.name, false);
      const data = await reader.data(message, opened);
      if (stopped) return;
      const { headers, params, origin } = opened;
      await handle(data, {
        event: operation.name,
        subject: origin.subject,
        params,
        headers,
        missed: 0,
        id: origin.id,
        durable: undefined,
        sequence: origin.sequence,
        attempt: 1,
        redelivered: false,
        publishedAt: new Date(origin.publishedAt),
      });
    } catch (error) {
      const { id, sequence } = opened?.origin ?? { id: undefined, sequence: message.sequence };
      onError(error, { event: operation.name, durable: undefined, id, sequence, attempt: 1, deadLetter: false });
    }
  };
  const replay = store.replay({
    stream: events,
    subject: operation.template.subscribeSubject(prefix, options.params ?? {}),
    token,
    from: startPosition(options.from ?? "new"),
    onState: (state, error) => onState(0, state, error),
    onMessage: (message) => stopped ? undefined : running = take(message),
    onReset: () => {
      try {
        options.onGap?.({ reason: "reset", missed: undefined });
      } catch (error) {
        onError(error);
      }
    },
  });
  return {
    readers: [replay],
    stop: async (graceMs) => {
      stopped = true;
      if (running !== undefined) await within(running, graceMs, clock);
    },
  };
}
