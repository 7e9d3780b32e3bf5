import { isMessagingError } from "../errors/messaging-error.ts";
import { maximumHeaderBytes, maximumHeaders } from "../message/limits.ts";
import { isReadableHeader, MessageHeaders } from "../message/message-headers.ts";
import type { EventStore, StoredMessage } from "../transport/event-store.ts";
import type { ValidationIssue } from "../contract/validator.ts";
import { deadLetterHeaders, isLetterHeader, messageIdHeader } from "./dead-letter-headers.ts";
import { type EventOrigin, originalOf } from "./stored-event-reader.ts";

/** How much of a header block that nobody can read is kept, in bytes. */
const maximumBlockBytes = 2 * 1024;
const timeoutMs = 5_000;

/** Why an event becomes a dead letter. */
export interface DeathReason {
  /** A code. */
  readonly reason: string;
  /** In words, without anything of the event in it. */
  readonly detail: string;
  /** How often it was delivered until then. */
  readonly attempts: number;
}

/** An event that becomes a dead letter. */
export interface DeadEvent {
  /** As its stream has it. */
  readonly message: StoredMessage;
  /** Where it came from, and its headers; absent where they could not be read. */
  readonly opened: { readonly origin: EventOrigin; readonly headers: MessageHeaders } | undefined;
  /** The stream it was read from. */
  readonly stream: string;
  /** Tells an event that was sent again from the one it was. */
  readonly sentAgain: boolean;
  /** Why. */
  readonly why: DeathReason;
  /** When it became one, in milliseconds since 1970. */
  readonly at: number;
}

/** What a dead letter writer is made of. */
export interface DeadLetterWriterOptions {
  /** Where letters are stored. */
  readonly store: EventStore;
  /** The stream of letters. */
  readonly stream: string;
  /** The subject of this durable subscription's letters, with the namespace. */
  readonly subject: string;
  /** The consumer, which makes the letter's id. */
  readonly consumer: string;
  /** The event, for error texts. */
  readonly event: string;
}

/** Writes dead letters, each once. */
export class DeadLetterWriter {
  readonly #options: DeadLetterWriterOptions;

  /** For one durable subscription. */
  constructor(options: DeadLetterWriterOptions) {
    this.#options = options;
  }

  /** Stores the letter. @throws {MessagingError} as `EventStore.store` */
  async write(dead: DeadEvent): Promise<void> {
    const { store, stream, subject, consumer, event } = this.#options;
    const { message, sentAgain } = dead;
    const again = sentAgain ? "redrive:" : "";
    await store.store(subject, message.body, {
      stream,
      // The time beside the sequence: a stream that was made anew counts from 1 again.
      messageId: `${consumer}:${again}${message.sequence}:${message.publishedAt}`,
      headers: letterHeaders(dead),
      timeoutMs,
      operation: event,
    });
  }
}

/** The reason that an error is for a dead letter: never its own text, which may say what stood in the event. */
export function deathReason(error: unknown, read: boolean, attempts: number): DeathReason {
  const reason = isMessagingError(error) ? error.code : "INTERNAL";
  return { reason, detail: detailOf(error, reason, read, attempts), attempts };
}

function detailOf(error: unknown, reason: string, read: boolean, attempts: number): string {
  if (!read && reason === "INVALID_EVENT") {
    const { length } = (error as { data?: { issues?: ValidationIssue[] } }).data?.issues ?? [];
    return `It does not fit the event's schema in ${length === 1 ? "one place" : `${length} places`}`;
  }
  if (!read && reason === "DECRYPTION_FAILED") return "It cannot be decrypted";
  if (!read && reason === "MALFORMED_MESSAGE") return (error as Error).message.slice(0, 256);
  const name = error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : "no error";
  return `The handler threw ${name} at attempt ${attempts}`;
}

function letterHeaders({ message, opened, stream, sentAgain, why, at }: DeadEvent): MessageHeaders {
  const own = opened === undefined ? soundHeaders(message.headerBlock) : [...opened.headers];
  const messageId = own.find(([name]) => name.toLowerCase() === messageIdHeader.toLowerCase())?.[1];
  const { subject, sequence, publishedAt, id } = opened?.origin ??
    (sentAgain ? keptOrigin(message, own) : undefined) ??
    { ...message, id: messageId ?? `${stream}:${message.sequence}` };
  return MessageHeaders.fromTrusted([
    ...own.filter(([name]) => !isLetterHeader(name)),
    [deadLetterHeaders.reason, why.reason],
    [deadLetterHeaders.detail, why.detail],
    [deadLetterHeaders.attempts, String(why.attempts)],
    [deadLetterHeaders.subject, subject],
    [deadLetterHeaders.sequence, String(sequence)],
    [deadLetterHeaders.publishedAt, new Date(publishedAt).toISOString()],
    [deadLetterHeaders.at, new Date(at).toISOString()],
    [deadLetterHeaders.eventId, id],
    ...(opened === undefined && message.headerBlock !== undefined
      ? [[deadLetterHeaders.headerBlock, base64(message.headerBlock.subarray(0, maximumBlockBytes))] as const]
      : []),
  ]);
}

/** What an earlier letter kept of an event that still cannot be read. */
function keptOrigin(message: StoredMessage, headers: readonly (readonly [string, string])[]): EventOrigin | undefined {
  try {
    return originalOf(message, MessageHeaders.fromTrusted(headers));
  } catch {
    return undefined;
  }
}

/** Those of a block that cannot be read as a whole which can be read alone: with them it may be handled when it is sent again. */
function soundHeaders(block: Uint8Array | undefined): (readonly [string, string])[] {
  const lines = new TextDecoder().decode(block).split("\r\n").slice(1);
  const sound: (readonly [string, string])[] = [];
  let bytes = 0;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const header = [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    bytes += line.length;
    if (sound.length >= maximumHeaders || bytes > maximumHeaderBytes) break;
    if (colon > 0 && isReadableHeader(...header)) sound.push(header);
  }
  return sound;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
