import type { EventOperation } from "../contract/contract.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import type { StoredSubscription } from "../durable/durable-options.ts";
import type { AttachableSubscription } from "../durable/open-stored-subscription.ts";
import type { StoredListener } from "../durable/stored-listener.ts";
import type { TransportConnection } from "../transport/transport.ts";

/** Options that a subscription to stored events has and another one has not. */
const storedOptions = ["durable", "from", "maxAttempts", "backoffMs", "orderedBy", "ackWaitMs"];

/** Whether a subscription is to stored events. @throws {MessagingError} `INVALID_EVENT` where its event is not stored */
export function isStored({ name, durable }: EventOperation, given: object): boolean {
  const asked = storedOptions.find((option) => (given as Readonly<Record<string, unknown>>)[option] !== undefined);
  if (asked !== undefined && durable === undefined) {
    throw new MessagingError("INVALID_EVENT", `Event "${name}" is not durable: it has no \`${asked}\``, {
      operation: name,
    });
  }
  return asked !== undefined;
}

/** A client's subscriptions to stored events. What reads them is loaded with the first one. */
export class StoredSubscriptions {
  readonly #held = new Set<Promise<AttachableSubscription>>();
  #connection: TransportConnection | undefined;

  /** Adds one. */
  add(listener: StoredListener): StoredSubscription {
    let opened: AttachableSubscription | undefined;
    const opening = import("../durable/open-stored-subscription.ts").then(({ openStoredSubscription }) => {
      opened = openStoredSubscription(listener);
      if (this.#connection !== undefined) opened.attach(this.#connection);
      return opened;
    });
    let failed = false;
    this.#held.add(opening);
    opening.catch((error: unknown) => {
      failed = true;
      this.#held.delete(opening);
      listener.onError(error);
    });
    const unsubscribe = async (): Promise<void> => {
      if (failed) return;
      await (await opening).unsubscribe();
      this.#held.delete(opening);
    };
    return {
      get ready() {
        return opening.then(({ ready }) => ready);
      },
      get status() {
        return opened?.status ?? (failed ? "ended" : "starting");
      },
      onStatus: (heard) => {
        let live = true;
        const listening = opening.then((subscription) => live ? subscription.onStatus(heard) : undefined);
        listening.catch(() => {});
        return () => {
          live = false;
          listening.then((stop) => stop?.(), () => {});
        };
      },
      unsubscribe,
      [Symbol.asyncDispose]: unsubscribe,
    };
  }

  /** All of them read. */
  attach(connection: TransportConnection): void {
    this.#connection = connection;
    for (const opening of this.#held) opening.then((subscription) => subscription.attach(connection), () => {});
  }

  /** The client leaves: resolves when handlers that run have ended, bounded; `undefined` where there are none. */
  leave(): Promise<unknown> | undefined {
    this.#connection = undefined;
    if (this.#held.size === 0) return undefined;
    const held = [...this.#held];
    this.#held.clear();
    return Promise.all(held.map((opening) => opening.then((subscription) => subscription.leave(), () => {})));
  }
}
