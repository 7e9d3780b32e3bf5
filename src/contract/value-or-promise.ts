/** A value, or a promise of one where something on the way is asynchronous. */
export type ValueOrPromise<Value> = Value | PromiseLike<Value>;

/** Tells a promise, of any library, from a value. */
export function isPromise<Value>(candidate: ValueOrPromise<Value>): candidate is PromiseLike<Value> {
  return typeof candidate === "object" && candidate !== null &&
    typeof (candidate as { then?: unknown }).then === "function";
}

/**
 * Goes on with a value: at once where it is there, later where it is promised. Where all is there nothing waits a turn,
 * which on the path of every message is what costs most.
 */
export function andThen<Value, Next>(
  value: ValueOrPromise<Value>,
  next: (value: Value) => ValueOrPromise<Next>,
): ValueOrPromise<Next> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Runs something at its end, however it ends. */
export function lastly(run: () => ValueOrPromise<void>, end: () => void): ValueOrPromise<void> {
  let outcome: ValueOrPromise<void>;
  try {
    outcome = run();
  } catch (error) {
    end();
    throw error;
  }
  if (isPromise(outcome)) return Promise.resolve(outcome).finally(end);
  end();
}
