import { MessagingError } from "../errors/messaging-error.ts";
import { systemClock } from "../transport/clock.ts";
import { type PromiseEnds, withResolvers } from "../transport/with-resolvers.ts";
import type { MessageLog, NextOptions } from "./message-log.ts";
import type { SentMessage } from "./sent-messages.ts";

/** What a log is made of. */
export interface RecordedLogOptions<Message> {
  /** What it holds, such as `event`. */
  readonly kind: string;
  /** The history's messages of this kind, the oldest first. */
  readonly messages: () => readonly Message[];
  /** How many the history has forgotten because it is bounded. */
  readonly forgotten: () => number;
  /** The names that may be asked for. */
  readonly names: Iterable<string>;
}

interface Waiter<Message> {
  readonly name: string;
  readonly where: (message: Message) => boolean;
  readonly ends: PromiseEnds<Message>;
}

const shownMessages = 10;
const shownDataLength = 120;

/** A log that is written. */
export class RecordedLog<ByName extends Readonly<Record<string, SentMessage>>> implements MessageLog<ByName> {
  readonly #options: RecordedLogOptions<SentMessage>;
  readonly #names: ReadonlySet<string>;
  readonly #seen = new WeakSet<SentMessage>();
  readonly #waiters = new Set<Waiter<SentMessage>>();

  /** A view of a history. */
  constructor(options: RecordedLogOptions<SentMessage>) {
    this.#options = options;
    this.#names = new Set(options.names);
  }

  all<Name extends keyof ByName & string = keyof ByName & string>(name?: Name): readonly ByName[Name][] {
    return this.#of(name) as ByName[Name][];
  }

  last<Name extends keyof ByName & string = keyof ByName & string>(name?: Name): ByName[Name] | undefined {
    return this.#of(name).at(-1) as ByName[Name] | undefined;
  }

  next<Name extends keyof ByName & string>(
    name: Name,
    options: NextOptions<ByName[Name]> = {},
  ): Promise<ByName[Name]> {
    return this.#next(name, options as NextOptions<SentMessage>) as Promise<ByName[Name]>;
  }

  /** Hears of a message. */
  tell(message: SentMessage): void {
    for (const waiter of this.#waiters) {
      if (waiter.name !== message.operation) continue;
      if (this.#take(message, waiter)) break;
    }
  }

  async #next(name: string, options: NextOptions<SentMessage>): Promise<SentMessage> {
    const { where = () => true, timeoutMs = 1_000 } = options;
    const { kind } = this.#options;
    if (!this.#names.has(name)) throw new TypeError(`The contract has no ${kind} "${name.slice(0, 128)}"`);
    if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
      throw new TypeError(`Cannot use \`timeoutMs\`: a number over 0 is wanted, current value is ${String(timeoutMs)}`);
    }
    const waiter: Waiter<SentMessage> = { name, where, ends: withResolvers() };
    const before = [...this.#of(name)];
    const taken = before.filter((message) => this.#seen.has(message)).length;
    for (const message of before) {
      if (!this.#seen.has(message) && this.#take(message, waiter)) return await waiter.ends.promise;
    }
    this.#waiters.add(waiter);
    const timer = systemClock.after(
      timeoutMs,
      () => waiter.ends.reject(this.#inVain(name, timeoutMs, before.length, taken)),
    );
    try {
      return await waiter.ends.promise;
    } finally {
      timer.cancel();
      this.#waiters.delete(waiter);
    }
  }

  /** Gives a message to a waiter if it is the one, and never again. */
  #take(message: SentMessage, { where, ends }: Waiter<SentMessage>): boolean {
    this.#seen.add(message);
    try {
      if (!where(message)) return false;
      ends.resolve(message);
    } catch (error) {
      ends.reject(error);
    }
    return true;
  }

  #of(name: string | undefined): readonly SentMessage[] {
    const messages = this.#options.messages();
    return name === undefined ? messages : messages.filter(({ operation }) => operation === name);
  }

  #inVain(name: string, timeoutMs: number, before: number, taken: number): MessagingError {
    const { kind, messages, forgotten } = this.#options;
    const all = messages();
    const shown = all.slice(-shownMessages).map((message) => `\n  ${message.operation} ${dataText(message)}`).join("");
    const own = all.filter(({ operation }) => operation === name).length;
    const given = taken === 0 ? "" : `; ${taken} ${taken === 1 ? "was" : "were"} given already, or passed over`;
    const which = own === 0
      ? `no "${name}" came`
      : `${own} of "${name}" came, ${before} of them before the wait${given}`;
    const rest = all.length > shownMessages ? `, the last ${shownMessages} of ${all.length}` : "";
    const lost = forgotten() === 0 ? "" : `; ${forgotten()} older messages are forgotten`;
    const list = all.length === 0 ? `; no ${kind} at all is in the history` : `. In the history${rest}:${shown}`;
    return new MessagingError(
      "TIMEOUT",
      `Waited ${timeoutMs} ms in vain for ${kind} "${name}": ${which}${lost}${list}`,
      { operation: name },
    );
  }
}

function dataText(message: SentMessage): string {
  const { data } = message as { readonly data?: unknown };
  const text = data instanceof Uint8Array ? `${data.length} bytes` : JSON.stringify(data) ?? "undefined";
  return text.length > shownDataLength ? `${text.slice(0, shownDataLength)}…` : text;
}
