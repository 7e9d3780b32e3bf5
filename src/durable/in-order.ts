import { isPromise, type ValueOrPromise } from "../contract/value-or-promise.ts";

/** Reads many things at once, and takes them in the order they came. */
export class InOrder {
  /** Those that came before are taken. */
  #taken: Promise<void> | undefined;

  /** Reads now; `take` gets the value in its turn, at once where nothing is waited for, or `fail` what reading threw. */
  add<Value>(read: () => ValueOrPromise<Value>, take: (value: Value) => void, fail: (error: unknown) => void): void {
    let value: ValueOrPromise<Value>;
    try {
      value = read();
    } catch (error) {
      return fail(error);
    }
    if (this.#taken === undefined && !isPromise(value)) return take(value);
    const promise = Promise.resolve(value);
    promise.catch(() => {});
    const taken = this.#taken = Promise.resolve(this.#taken).then(async () => {
      await promise.then(take, fail);
      if (this.#taken === taken) this.#taken = undefined;
    });
  }
}
