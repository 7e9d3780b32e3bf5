import type { Contract, EventOperation } from "../contract/contract.ts";
import { deadLetterSubject, redriveSubject } from "../contract/durable-names.ts";
import type { ContractSubjects } from "../contract/subjects.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import type { EventStore, StoredMessage } from "../transport/event-store.ts";
import type { TransportConnection } from "../transport/transport.ts";
import { contractStreams } from "./contract-streams.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { deadLetterHeaders, isLetterHeader } from "./dead-letter-headers.ts";
import { openEventStore } from "./open-event-store.ts";
import { type EventOrigin, originalOf, StoredEventReader } from "./stored-event-reader.ts";

const defaultTimeoutMs = 5_000;

/** Which dead letters are read, and over what. */
export interface DeadLettersQuery {
  /** The contract. */
  readonly contract: Contract;
  /** In front of every subject. */
  readonly namespace: string | undefined;
  /** The contract's subjects with it. */
  readonly subjects: ContractSubjects;
  /** Which event. */
  readonly operation: EventOperation;
  /** Whose. */
  readonly durable: string;
  /** How long each call may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Ends the list. */
  readonly signal?: AbortSignal | undefined;
  /** Opens bodies. */
  readonly encryption: PayloadEncryption | undefined;
  /** The connection now. */
  readonly connection: TransportConnection;
}

/** Reads the dead letters there are, oldest first. */
export async function* readDeadLetters(query: DeadLettersQuery): AsyncGenerator<DeadLetter<unknown>> {
  const { contract, namespace, subjects, operation, durable, signal, connection } = query;
  const store = await openEventStore(connection, operation.name);
  const stream = contractStreams(contract, namespace).deadLetters.name;
  const subject = subjects.of(deadLetterSubject(contract, operation.name, durable));
  const call = { timeoutMs: query.timeoutMs ?? defaultTimeoutMs, operation: operation.name, signal };
  const { last } = await store.bounds(stream, call);
  for (let sequence = 1; sequence <= last;) {
    if (signal?.aborted) return;
    const message = await store.read(stream, { sequence, subject }, call);
    if (message === undefined || message.sequence > last) return;
    sequence = message.sequence + 1;
    yield await readLetter(query, store, stream, message);
  }
}

async function readLetter(
  query: DeadLettersQuery,
  store: EventStore,
  stream: string,
  message: StoredMessage,
): Promise<DeadLetter<unknown>> {
  const { contract, subjects, operation, durable } = query;
  const call = { timeoutMs: query.timeoutMs ?? defaultTimeoutMs, operation: operation.name };
  const headers = message.headerBlock === undefined
    ? MessageHeaders.empty
    : decodeHeaderBlock(message.headerBlock).headers;
  const origin = originalOf(message, headers);
  const own = MessageHeaders.fromTrusted([...headers].filter(([name]) => !isLetterHeader(name)));
  const discard = async (): Promise<void> => {
    await store.remove(stream, message.sequence, call);
  };
  return {
    event: await dataOf(query, message),
    body: message.body,
    id: origin.id,
    reason: headers.get(deadLetterHeaders.reason) ?? "INTERNAL",
    detail: headers.get(deadLetterHeaders.detail) ?? "",
    attempts: Number(headers.get(deadLetterHeaders.attempts) ?? 0),
    subject: origin.subject,
    sequence: origin.sequence,
    at: new Date(headers.get(deadLetterHeaders.at) ?? message.publishedAt),
    headers: own,
    redrive: async () => {
      const found = await store.read(stream, message, call);
      // Somebody else has sent it again, or discarded it: ids are remembered for a while only.
      if (found?.sequence !== message.sequence) return;
      await store.store(subjects.of(redriveSubject(contract, operation.name, durable)), message.body, {
        ...call,
        stream,
        messageId: `redrive:${message.sequence}:${message.publishedAt}`,
        headers: redriveHeaders(own, origin),
      });
      await discard();
    },
    discard,
  };
}

/** What it carries, or nothing where it still cannot be read: that is why it may be here. */
async function dataOf(
  { subjects, operation, encryption }: DeadLettersQuery,
  message: StoredMessage,
): Promise<unknown> {
  const prefix = subjects.of(operation.subject);
  const relative = (subject: string): string => subjects.relative(subject);
  const reader = new StoredEventReader({ operation, prefix, relative, encryption });
  try {
    return await reader.data(message, reader.open(message, "", true));
  } catch {
    return undefined;
  }
}

function redriveHeaders(own: MessageHeaders, { subject, sequence, publishedAt, id }: EventOrigin): MessageHeaders {
  return MessageHeaders.fromTrusted([
    ...own,
    [deadLetterHeaders.subject, subject],
    [deadLetterHeaders.sequence, String(sequence)],
    [deadLetterHeaders.publishedAt, new Date(publishedAt).toISOString()],
    [deadLetterHeaders.eventId, id],
  ]);
}
