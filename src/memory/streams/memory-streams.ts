import { MessagingError } from "../../errors/messaging-error.ts";
import { decodeHeaderBlock } from "../../message/header-block.ts";
import type { Clock } from "../../transport/clock.ts";
import type { ConsumeOptions, ReplayOptions, StoredMessage, StreamDefinition } from "../../transport/event-store.ts";
import type { TransportMessage } from "../../transport/transport.ts";
import { SubjectIndex } from "../subject-index.ts";
import { ConsumerReader } from "./consumer-reader.ts";
import type { MemoryStream } from "./memory-stream.ts";
import { ReplayReader } from "./replay-reader.ts";
import { storeHeaders } from "./store-headers.ts";
import type { KeptReader, ReaderOwner, StreamKeeper } from "./stream-keeper.ts";
import { StreamShelf } from "./stream-shelf.ts";
import { subjectFilter, subjectsOverlap } from "./subject-filter.ts";

/** What streams need of their broker. */
export interface StreamsHost {
  /** Time, for how long things are kept. */
  readonly clock: Clock;
  /** Takes what a stream answers. */
  publish(publication: { readonly subject: string; readonly body: Uint8Array }): void;
}

interface StoredSubject {
  readonly subject: string;
  readonly shelf: StreamShelf;
}

const encoder = new TextEncoder();

/** The streams of a memory broker. */
export class MemoryStreams implements StreamKeeper {
  readonly #host: StreamsHost;
  readonly #shelves = new Map<string, StreamShelf>();
  readonly #index = new SubjectIndex<StoredSubject>();
  readonly #stored = new WeakMap<StreamShelf, readonly StoredSubject[]>();
  /** Makes a stream where there is none of its name. */
  readonly #open = (definition: StreamDefinition): StreamShelf =>
    this.#shelves.get(definition.name) ?? this.#make(definition);

  /** None yet. */
  constructor(host: StreamsHost) {
    this.#host = host;
  }

  /** Takes a message where a stream wants it; who wants an answer gets JetStream's. */
  take(message: TransportMessage): boolean {
    const shelf = this.#index.find(message.subject)[0]?.shelf;
    if (shelf === undefined) return false;
    const { stream } = shelf;
    const { messageId, expectedStream } = readStoreHeaders(message.headerBlock);
    if (expectedStream !== undefined && expectedStream !== stream.name) {
      this.#answer(message, { error: wrongStream, stream: stream.name, seq: 0 });
      return true;
    }
    const { sequence, duplicate } = stream.store(message, messageId);
    this.#answer(message, { stream: stream.name, seq: sequence, ...duplicate ? { duplicate } : {} });
    if (!duplicate) stream.announce();
    return true;
  }

  /** Makes a stream, or compares; gives the subjects it added. */
  ensure(definition: StreamDefinition): readonly string[] {
    const shelf = this.#open(definition);
    const missing = shelf.stream.check(definition);
    if (missing.length === 0) return missing;
    this.#checkFree(definition.name, missing);
    shelf.stream.addSubjects(missing);
    this.#route(shelf, missing);
    return missing;
  }

  /** The first message at a sequence or behind it. */
  read(stream: string, { sequence, subject }: { sequence: number; subject: string }): StoredMessage | undefined {
    return this.#find(stream).find(sequence, subjectFilter(subject));
  }

  /** Takes a message out. */
  remove(stream: string, sequence: number): boolean {
    return this.#find(stream).remove(sequence);
  }

  /** The oldest and the newest sequence. */
  bounds(stream: string): { first: number; last: number } {
    const { first, last } = this.#find(stream);
    return { first, last };
  }

  /** Shares a consumer. */
  consume(options: ConsumeOptions, owner: ReaderOwner): KeptReader {
    return new ConsumerReader(this.#open, options, owner);
  }

  /** Reads alone. */
  replay(options: ReplayOptions, owner: ReaderOwner): KeptReader {
    return new ReplayReader(this.#open, options, owner);
  }

  /** Deletes a stream and all it has. */
  deleteStream(name: string): boolean {
    const shelf = this.#shelves.get(name);
    if (shelf === undefined) return false;
    this.#shelves.delete(name);
    for (const stored of this.#stored.get(shelf) ?? []) this.#index.delete(stored);
    shelf.stream.end();
    return true;
  }

  /** Deletes a consumer. */
  deleteConsumer(stream: string, consumer: string): boolean {
    return this.#shelves.get(stream)?.deleteConsumer(consumer) ?? false;
  }

  #find(name: string): MemoryStream {
    const shelf = this.#shelves.get(name);
    if (shelf === undefined) throw new MessagingError("NO_RESPONDERS", `There is no stream "${name}"`);
    return shelf.stream;
  }

  #make(definition: StreamDefinition): StreamShelf {
    const { name, subjects } = definition;
    this.#checkFree(name, subjects);
    const shelf = new StreamShelf(definition, this.#host.clock);
    this.#route(shelf, subjects);
    this.#shelves.set(name, shelf);
    return shelf;
  }

  /** A subject is one stream's. @throws {MessagingError} `UNSUPPORTED` where it is another's */
  #checkFree(name: string, subjects: readonly string[]): void {
    for (const [other, { stream }] of this.#shelves) {
      if (other === name) continue;
      const subject = subjects.find((one) => stream.subjects.some((stored) => subjectsOverlap(one, stored)));
      if (subject === undefined) continue;
      const why = `stream "${other}" stores messages of its subject "${subject}" already`;
      throw new MessagingError("UNSUPPORTED", `Cannot make stream "${name}": ${why}`);
    }
  }

  #route(shelf: StreamShelf, subjects: readonly string[]): void {
    const stored = subjects.map((subject) => ({ subject, shelf }));
    for (const one of stored) this.#index.add(one);
    this.#stored.set(shelf, [...this.#stored.get(shelf) ?? [], ...stored]);
  }

  #answer({ replySubject }: TransportMessage, answer: Readonly<Record<string, unknown>>): void {
    if (replySubject === undefined) return;
    this.#host.publish({ subject: replySubject, body: encoder.encode(JSON.stringify(answer)) });
  }
}

/** JetStream's word for it. */
const wrongStream = { code: 400, err_code: 10060, description: "expected stream does not match" };

function readStoreHeaders(block: Uint8Array | undefined): { messageId?: string; expectedStream?: string } {
  if (block === undefined) return {};
  try {
    const { headers } = decodeHeaderBlock(block);
    const [messageId, expectedStream] = [headers.get(storeHeaders.messageId), headers.get(storeHeaders.expectedStream)];
    return { ...messageId ? { messageId } : {}, ...expectedStream ? { expectedStream } : {} };
  } catch {
    // Stored as it is, as JetStream does: who reads it finds out.
    return {};
  }
}
