import type { Session } from "./session.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** A session with what is listened to over it. */
export class SubscribedSession {
  /** The session. */
  readonly session: Session;
  readonly #subscriptions: Subscriptions;
  /** What the broker was told of. */
  readonly #told = new Set<number>();

  /** The broker was told of nothing yet. */
  constructor(session: Session, subscriptions: Subscriptions) {
    this.session = session;
    this.#subscriptions = subscriptions;
  }

  /** Tells the broker of those it does not know, and takes back those that are gone; gives the numbers of the former. */
  synchronize(fits: (id: number) => boolean = () => true): readonly number[] {
    const news = this.#subscriptions.wanted().filter((id) => !this.#told.has(id) && fits(id));
    for (const id of news) this.#tell(id);
    for (const id of this.#told) if (!this.#subscriptions.isWanted(id)) this.takeBack(id);
    return news;
  }

  /** Tells the broker of one. */
  add(id: number): void {
    this.#tell(id);
    this.confirm([id]);
  }

  /** Tells the broker to send no more for one. */
  takeBack(id: number): void {
    if (this.#told.delete(id)) this.session.writeLine(`UNSUB ${id}`);
  }

  /** Tells the broker to send no more for all but these; gives the numbers of the others. */
  takeBackAll(fits: (id: number) => boolean): readonly number[] {
    const others = [...this.#told].filter(fits);
    for (const id of others) this.takeBack(id);
    return others;
  }

  /** The broker has refused these. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.#told.delete(id);
  }

  /** Asks the broker whether it has these. Without an answer the next session is told of them. */
  confirm(ids: readonly number[]): void {
    if (ids.length > 0) this.session.confirm().then(() => this.confirmed(ids), () => {});
  }

  /** The broker has said something after it was told of these: it has those that it did not refuse. */
  confirmed(ids: readonly number[]): void {
    this.#subscriptions.confirm(ids.filter((id) => this.#told.has(id)));
  }

  #tell(id: number): void {
    this.#told.add(id);
    this.session.writeLine(this.#subscriptions.line(id));
  }
}
