import { MessagingError } from "../../errors/messaging-error.ts";
import type { ReadingState, ReplayOptions, StartPosition } from "../../transport/event-store.ts";
import { attempt } from "../../transport/attempt.ts";
import { ReadingStatus } from "../../transport/reading-status.ts";
import { withResolvers } from "../../transport/with-resolvers.ts";
import type { MemoryStream } from "./memory-stream.ts";
import type { KeptReader, ReaderOwner } from "./stream-keeper.ts";
import type { OpenShelf } from "./stream-shelf.ts";
import { type SubjectFilter, subjectFilter } from "./subject-filter.ts";

/** Somebody who reads a stream alone and in order. */
export class ReplayReader implements KeptReader {
  readonly #open: OpenShelf;
  readonly #options: ReplayOptions;
  readonly #wanted: SubjectFilter;
  readonly #owner: ReaderOwner;
  readonly #status: ReadingStatus;
  #wake: () => void = () => {};
  #caughtUp = false;

  /** Begins after the caller's turn. */
  constructor(open: OpenShelf, options: ReplayOptions, owner: ReaderOwner) {
    this.#open = open;
    this.#options = options;
    this.#wanted = subjectFilter(options.subject);
    this.#owner = owner;
    this.#status = new ReadingStatus(options.onState, owner.logger);
    queueMicrotask(() => this.#begin(options.from));
  }

  /** How it stands. */
  get state(): ReadingState {
    return this.#status.state;
  }

  /** Resolves when it reads for the first time. */
  get ready(): Promise<void> {
    return this.#status.ready;
  }

  /** Takes no further messages. */
  stop(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** Takes no further messages, for this reason. */
  end(error?: MessagingError): void {
    this.#status.ended(error);
    this.#wake();
  }

  #begin(from: StartPosition): void {
    if (this.state === "ended") return;
    try {
      const stream = this.#open(this.#options.stream).stream;
      const start = stream.sequenceAt(from);
      this.#status.active();
      void this.#read(stream, start);
    } catch (error) {
      this.end(error as MessagingError);
    }
  }

  async #read(stream: MemoryStream, start: number): Promise<void> {
    let gone = false;
    const unfollow = stream.follow({
      onStored: () => this.#wake(),
      onGone: () => {
        gone = true;
        this.#wake();
      },
    });
    const newest = stream.last;
    // Further on than the stream ever was: that was another stream.
    let next = start > stream.last + 1 ? 0 : start;
    while (this.state !== "ended" && !gone) {
      if (next < stream.first) {
        next = stream.first;
        this.#reset();
        continue;
      }
      const message = stream.find(next, this.#wanted);
      next = (message?.sequence ?? stream.last) + 1;
      if (next > newest + 1 || message === undefined) this.#catchUp();
      if (this.state !== "active") break;
      if (message !== undefined) await this.#take(message);
      else await this.#more();
    }
    unfollow();
    if (gone) this.#beginAgain();
  }

  async #take(message: Parameters<ReplayOptions["onMessage"]>[0]): Promise<void> {
    try {
      await this.#options.onMessage(message);
    } catch (error) {
      this.#owner.logger.error("A callback for stored messages threw", { subject: message.subject, error });
    }
  }

  #more(): Promise<void> {
    const { promise, resolve } = withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #reset(): void {
    attempt(this.#owner.logger, "A callback for a gap threw", () => this.#options.onReset());
  }

  #catchUp(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    attempt(this.#owner.logger, "A callback for a replay threw", () => this.#options.onCaughtUp?.());
  }

  #beginAgain(): void {
    if (this.state === "ended") return;
    const { name } = this.#options.stream;
    this.#status.degraded(new MessagingError("NO_RESPONDERS", `Stream "${name}" is gone: it is made again`));
    this.#reset();
    this.#begin("all");
  }
}
