import type { ConnectionStatus, StatusListener } from "./transport.ts";

/** Holds a status and tells each change, and each other reason for what lasts, once. */
export class StatusBoard {
  #status: ConnectionStatus = "disconnected";
  #error: Error | undefined;
  readonly #listeners = new Set<StatusListener>();
  readonly #untold: (readonly [ConnectionStatus, Error | undefined])[] = [];
  readonly #report: (error: unknown) => void;

  /** `report` hears what a listener throws. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** The status now. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** The newest reason for it, where one was given. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Changes it; the same status is a change where another reason for it is given. */
  set(status: ConnectionStatus, error?: Error): void {
    if (status === this.#status && (error === undefined || error.message === this.#error?.message)) return;
    this.#status = status;
    this.#error = error;
    // A change that a listener makes waits until all have heard of the one before.
    if (this.#untold.push([status, error]) > 1) return;
    for (let change = this.#untold[0]; change !== undefined; change = this.#untold[0]) {
      this.#tell(...change);
      this.#untold.shift();
    }
  }

  /** Adds a listener; the function that comes back takes it away. */
  listen(listener: StatusListener): () => void {
    const own: StatusListener = (status, error) => listener(status, error);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  #tell(status: ConnectionStatus, error: Error | undefined): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(status, error);
      } catch (thrown) {
        this.#report(thrown);
      }
    }
  }
}
