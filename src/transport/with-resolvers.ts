/** A promise and its two ends. `Promise.withResolvers` is missing in Node 20. */
export interface PromiseEnds<Value> {
  /** The promise; a rejection nobody awaits is no unhandled one. */
  readonly promise: Promise<Value>;
  /** Fulfils it. */
  readonly resolve: (value: Value) => void;
  /** Rejects it. */
  readonly reject: (error: unknown) => void;
}

/** Makes a promise whose ends are at hand. */
export function withResolvers<Value>(): PromiseEnds<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
