import type { TransportMessage } from "../../transport/transport.ts";
import type { Clock } from "../../transport/clock.ts";
import type {
  StartPosition,
  StoredAcknowledgement,
  StoredMessage,
  StreamDefinition,
} from "../../transport/event-store.ts";
import { subjectsToAdd } from "../../transport/stream-subjects.ts";
import { checkSame, type CompleteDefinition, completeDefinition } from "./stream-differences.ts";
import type { SubjectFilter } from "./subject-filter.ts";

/** What a message takes beside its own bytes, as JetStream's streams in memory count. */
const bytesBesides = 16;

interface Kept {
  readonly message: StoredMessage;
  readonly bytes: number;
  /** On the clock's scale, as a time of day may jump. */
  readonly takenAt: number;
}

/** Who wants to know of a stream. */
export interface StreamFollower {
  /** It has a message more. */
  onStored(): void;
  /** It is deleted. */
  onGone(): void;
}

/** A stream of messages in memory. What is too old goes when somebody looks, so that no timer keeps a program alive. */
export class MemoryStream {
  /** Its name. */
  readonly name: string;
  #definition: CompleteDefinition;
  readonly #clock: Clock;
  readonly #kept = new Map<number, Kept>();
  readonly #followers = new Set<StreamFollower>();
  /** Message ids that were taken. */
  readonly #ids = new Map<string, { readonly sequence: number; readonly takenAt: number }>();
  /** Once a window: one look at each id for each message would take longer than the message. */
  #idsSweptAt = -Infinity;
  #first = 1;
  #last = 0;
  #bytes = 0;

  /** A stream that has nothing yet. */
  constructor(definition: StreamDefinition, clock: Clock) {
    this.name = definition.name;
    this.#definition = completeDefinition(definition);
    this.#clock = clock;
  }

  /** What it stores. */
  get subjects(): readonly string[] {
    return this.#definition.subjects;
  }

  /** The oldest sequence that is there; the one behind the last where there is none. */
  get first(): number {
    this.#dropOld();
    return this.#first;
  }

  /** The newest sequence there ever was. */
  get last(): number {
    return this.#last;
  }

  /**
   * Refuses a definition that is not its own, and gives the subjects that are to be added so that it is.
   *
   * @throws {MessagingError} `UNSUPPORTED`, with each difference
   */
  check(definition: StreamDefinition): readonly string[] {
    const missing = subjectsToAdd(definition, this.subjects);
    const wanted = completeDefinition(definition);
    const subjects = missing === undefined ? wanted.subjects : this.subjects;
    checkSame(`Stream "${this.name}"`, this.#definition, { ...wanted, subjects });
    return missing ?? [];
  }

  /** Stores more subjects from now on. */
  addSubjects(added: readonly string[]): void {
    this.#definition = { ...this.#definition, subjects: [...this.subjects, ...added].sort() };
  }

  /** Adds somebody who wants to know of it; the function that comes back takes them away. */
  follow(follower: StreamFollower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Stores a message, or finds that it has it. */
  store(message: TransportMessage, messageId: string | undefined): StoredAcknowledgement {
    const now = this.#clock.now();
    const known = messageId === undefined ? undefined : this.#knownId(messageId, now);
    if (known !== undefined) return { stream: this.name, sequence: known, duplicate: true };
    const sequence = this.#last += 1;
    if (messageId !== undefined) this.#ids.set(messageId, { sequence, takenAt: now });
    // Copies: the broker's bytes are pieces of larger memory.
    const headerBlock = message.headerBlock?.slice();
    const body = message.body.slice();
    const bytes = message.subject.length + body.length + (headerBlock?.length ?? 0) + bytesBesides;
    const publishedAt = this.#clock.date();
    this.#kept.set(sequence, {
      message: { subject: message.subject, headerBlock, body, sequence, publishedAt },
      bytes,
      takenAt: now,
    });
    this.#bytes += bytes;
    this.#dropOld();
    return { stream: this.name, sequence, duplicate: false };
  }

  /** Tells who follows it that it has a message more. */
  announce(): void {
    for (const follower of [...this.#followers]) follower.onStored();
  }

  /** Tells who follows it that it is deleted. */
  end(): void {
    for (const follower of [...this.#followers]) follower.onGone();
  }

  /** The message of this sequence, with bytes that are the caller's; `undefined` where it is not there. */
  get(sequence: number): StoredMessage | undefined {
    this.#dropOld();
    const message = this.#kept.get(sequence)?.message;
    return message && { ...message, headerBlock: message.headerBlock?.slice(), body: message.body.slice() };
  }

  /** The first message at this sequence or behind it that the filter wants. */
  find(sequence: number, wanted: SubjectFilter): StoredMessage | undefined {
    for (let candidate = Math.max(sequence, this.first); candidate <= this.#last; candidate++) {
      const kept = this.#kept.get(candidate);
      if (kept !== undefined && wanted(kept.message.subject)) return this.get(candidate);
    }
    return undefined;
  }

  /** The sequence that reading from there begins with. */
  sequenceAt(from: StartPosition): number {
    if (from === "new") return this.#last + 1;
    if (from === "all") return this.first;
    if ("sequence" in from) return from.sequence;
    for (let sequence = this.first; sequence <= this.#last; sequence++) {
      const kept = this.#kept.get(sequence);
      if (kept !== undefined && kept.message.publishedAt >= from.time.getTime()) return sequence;
    }
    return this.#last + 1;
  }

  /** Takes a message out. */
  remove(sequence: number): boolean {
    this.#dropOld();
    const kept = this.#kept.get(sequence);
    if (kept === undefined) return false;
    this.#kept.delete(sequence);
    this.#bytes -= kept.bytes;
    while (this.#first <= this.#last && !this.#kept.has(this.#first)) this.#first += 1;
    return true;
  }

  #knownId(messageId: string, now: number): number | undefined {
    const { duplicateWindowMs } = this.#definition;
    if (now - this.#idsSweptAt >= duplicateWindowMs) {
      this.#idsSweptAt = now;
      for (const [id, { takenAt }] of this.#ids) if (now - takenAt >= duplicateWindowMs) this.#ids.delete(id);
    }
    const known = this.#ids.get(messageId);
    return known !== undefined && now - known.takenAt < duplicateWindowMs ? known.sequence : undefined;
  }

  #dropOld(): void {
    const { maxAgeMs, maxMessages, maxBytes } = this.#definition;
    const youngest = maxAgeMs === Infinity ? -Infinity : this.#clock.now() - maxAgeMs;
    for (;;) {
      const oldest = this.#kept.get(this.#first);
      if (oldest === undefined) return;
      const full = this.#kept.size > maxMessages || this.#bytes > maxBytes;
      if (!full && oldest.takenAt > youngest) return;
      this.#kept.delete(this.#first);
      this.#bytes -= oldest.bytes;
      do this.#first += 1; while (this.#first <= this.#last && !this.#kept.has(this.#first));
    }
  }
}
