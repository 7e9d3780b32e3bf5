import { MessagingError } from "../errors/messaging-error.ts";
import type { ReadingState, ReplayOptions, StoredMessage, StreamReader } from "../transport/event-store.ts";
import { unsupported } from "./gateway-paths.ts";
import type { HttpConnection } from "./http-connection.ts";

/** Stored events through a gateway, one after another: what a chunk brings is handled before the next one is read. */
export class HttpReplay implements StreamReader {
  /** Resolves when the gateway has the stream. */
  readonly ready: Promise<void>;
  readonly #options: ReplayOptions;
  readonly #logger: HttpConnection["logger"];
  readonly #end: (error: MessagingError) => void;
  readonly #waiting: (() => void | Promise<void>)[] = [];
  #handling: Promise<void> | undefined;
  #state: ReadingState = "starting";

  /** Starts at once. */
  constructor(options: ReplayOptions, connection: HttpConnection) {
    this.#options = options;
    this.#logger = connection.logger;
    const stream = connection.follow(options, {
      onMessage: ({ subject, headerBlock, body }, stored) => {
        if (stored === undefined) return this.#refuse();
        this.#add(() => options.onMessage({ subject, headerBlock, body, ...stored } satisfies StoredMessage));
      },
      onGap: (reason) => {
        if (reason === "reset") this.#add(() => options.onReset());
      },
      onRefused: (error) => this.#show("degraded", error),
      onLive: () => this.#show("active"),
      onLost: (error) => this.#show("degraded", error),
    }, () => this.#handling);
    this.ready = stream.ready;
    this.#end = (error) => stream.end(error);
    this.ready.catch((error: MessagingError) => this.#show("ended", error));
  }

  /** How it stands. */
  get state(): ReadingState {
    return this.#state;
  }

  /** Takes no further messages. */
  stop(): Promise<void> {
    this.#show("ended");
    this.end(new MessagingError("CANCELLED", "Reading was stopped before it began"));
    return Promise.resolve();
  }

  /** The same, for this reason. */
  end(error: MessagingError): void {
    this.#show("ended", error);
    this.#waiting.length = 0;
    this.#end(error);
  }

  #refuse(): void {
    const error = unsupported("The gateway stores no events of this name", this.#options.subject);
    this.end(error);
  }

  #add(task: () => void | Promise<void>): void {
    this.#waiting.push(task);
    this.#handling ??= this.#handle().finally(() => {
      this.#handling = undefined;
    });
  }

  async #handle(): Promise<void> {
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      try {
        await task();
      } catch (error) {
        this.#logger.error("A message callback threw", { subject: this.#options.subject, error });
      }
    }
  }

  #show(state: ReadingState, error?: MessagingError): void {
    if (this.#state === "ended" || this.#state === state) return;
    this.#state = state;
    this.#options.onState(state, error);
  }
}
