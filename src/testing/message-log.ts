import type { SentMessage } from "./sent-messages.ts";

/**
 * Options of `next`.
 *
 * @example
 * ```ts
 * import type { NextOptions } from "@magicbutton/messaging/testing";
 *
 * const options: NextOptions<{ readonly data: { readonly id: string } }> = {
 *   where: ({ data }) => data.id === "7",
 *   timeoutMs: 200,
 * };
 * ```
 */
export interface NextOptions<Message> {
  /** Tells the message that is waited for; others before it are passed over. @default any */
  readonly where?: (message: Message) => boolean;
  /** How long to wait, in milliseconds, by the system's time: a clock that stands still does not stop it. @default 1000 */
  readonly timeoutMs?: number;
}

/**
 * The messages of one kind in a history: what came, and what comes next. A message that `next` has given, or passed over,
 * is not given again; so nothing is missed that came before somebody waited for it.
 */
export interface MessageLog<ByName extends Readonly<Record<string, SentMessage>>> {
  /** All that are in the history, or those of one operation; the oldest first. Never throws. */
  all<Name extends keyof ByName & string = keyof ByName & string>(name?: Name): readonly ByName[Name][];
  /** The newest, or the newest of one operation; `undefined` where there is none. Never throws. */
  last<Name extends keyof ByName & string = keyof ByName & string>(name?: Name): ByName[Name] | undefined;
  /**
   * The next message of an operation that `next` has not given yet; one that came before is given at once.
   *
   * @throws {MessagingError} `TIMEOUT` where none comes in time; it says what did come
   * @throws {TypeError} for an operation that is not in the contract, or a `timeoutMs` that is no duration
   */
  next<Name extends keyof ByName & string>(name: Name, options?: NextOptions<ByName[Name]>): Promise<ByName[Name]>;
}
