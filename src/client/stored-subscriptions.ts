import type { StoredSubscription } from "../durable/durable-options.ts";
import type { AttachableSubscription } from "../durable/open-stored-subscription.ts";
import type { StoredListener } from "../durable/stored-listener.ts";
import type { TransportConnection } from "../transport/transport.ts";

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
    opening.catch(listener.onError);
    this.#held.add(opening);
    const unsubscribe = async (): Promise<void> => {
      await (await opening).unsubscribe();
      this.#held.delete(opening);
    };
    return {
      get ready() {
        return opening.then(({ ready }) => ready);
      },
      get status() {
        return opened?.status ?? "starting";
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
