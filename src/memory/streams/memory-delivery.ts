import { MessagingError } from "../../errors/messaging-error.ts";
import type { Delivery, StoredMessage } from "../../transport/event-store.ts";
import type { ConsumerSeat, MemoryConsumer, Pending } from "./memory-consumer.ts";
import type { ReaderOwner } from "./stream-keeper.ts";

/** Whose a delivery is. */
export interface DeliveryPlace {
  /** The consumer it is of. */
  readonly consumer: MemoryConsumer;
  /** The instance that has it. */
  readonly seat: ConsumerSeat;
  /** The participant. */
  readonly owner: ReaderOwner;
  /** The instance has room again. */
  readonly onRoom: () => void;
}

/** A message of a consumer, until it is settled. */
export class MemoryDelivery implements Delivery {
  readonly subject: string;
  readonly headerBlock: Uint8Array | undefined;
  readonly body: Uint8Array;
  readonly sequence: number;
  readonly publishedAt: number;
  readonly deliveries: number;
  readonly #pending: Pending;
  readonly #place: DeliveryPlace;
  #settled = false;

  /** Not settled yet. */
  constructor(message: StoredMessage, pending: Pending, place: DeliveryPlace) {
    this.subject = message.subject;
    this.headerBlock = message.headerBlock;
    this.body = message.body;
    this.sequence = message.sequence;
    this.publishedAt = message.publishedAt;
    this.deliveries = pending.deliveries;
    this.#pending = pending;
    this.#place = place;
  }

  /** It is done. */
  acknowledge(): Promise<void> {
    return this.#settle((consumer) => consumer.settle(this.sequence));
  }

  /** It is to come again after so many milliseconds. */
  retryLater(delayMs: number): Promise<void> {
    return this.#settle((consumer) => consumer.retryLater(this.#pending, delayMs));
  }

  /** It is to come no more. */
  discard(): Promise<void> {
    return this.#settle((consumer) => consumer.settle(this.sequence));
  }

  /** Its time to be settled in starts again. */
  keepAlive(): void {
    const { consumer, owner } = this.#place;
    if (!this.#settled && owner.isOpen()) consumer.keepAlive(this.#pending);
  }

  // deno-lint-ignore require-await -- a connection that was closed is a rejection
  async #settle(settle: (consumer: MemoryConsumer) => void): Promise<void> {
    const { consumer, seat, owner, onRoom } = this.#place;
    if (this.#settled) return;
    if (!owner.isOpen()) {
      throw new MessagingError("DISCONNECTED", "Cannot settle a delivery: the connection was closed");
    }
    this.#settled = true;
    seat.unsettled -= 1;
    settle(consumer);
    consumer.deliver();
    onRoom();
  }
}
