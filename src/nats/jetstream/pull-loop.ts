import { MessagingError } from "../../errors/messaging-error.ts";
import type { Timer } from "../../transport/clock.ts";
import { createIdentifierSource, unguessableLength } from "../../transport/identifiers.ts";
import type { TransportMessage, TransportSubscription } from "../../transport/transport.ts";
import type { BrokerStreams } from "./broker-streams.ts";
import { type PullStatus, readPullStatus } from "./pull-status.ts";
import { Pulls } from "./pulls.ts";

/** How long the broker keeps a request for messages, in milliseconds. */
const expiresMs = 30_000;
/** How often it says that it still has it, in milliseconds. */
const heartbeatMs = 2_000;
/** Twice in vain is too often; and the broker may be late. */
const silenceMs = 2 * heartbeatMs + 500;
const encoder = new TextEncoder();

/** What asks for a consumer's messages. */
export interface PullLoopOptions {
  /** Where. */
  readonly streams: BrokerStreams;
  /** The consumer's stream. */
  readonly stream: string;
  /** The consumer. */
  readonly consumer: string;
  /** The most messages that may be asked for and not have come. */
  readonly most: () => number;
  /** Less than this many are not worth a request. */
  readonly least: () => number;
  /** Says more about each request. */
  readonly fields?: (() => object) | undefined;
  /** The broker has taken in what was asked. */
  readonly onReading: () => void;
  /** Takes a message; what else came under the reply subjects is not given. */
  readonly onMessage: (message: TransportMessage) => void;
  /** The connection was away: what was on its way may be lost. It goes on by itself. */
  readonly onGap: () => void;
  /** The broker has given the consumer to somebody else. It goes on by itself. */
  readonly onWrongPin?: (() => void) | undefined;
  /** It is over: the consumer has to be looked for. Once. */
  readonly onLost: (error: MessagingError) => void;
}

/** Asks for a consumer's messages, again and again, and notices when nothing comes any more. */
export class PullLoop {
  readonly #options: PullLoopOptions;
  readonly #pulls = new Pulls();
  readonly #subject: string;
  #subscription: TransportSubscription | undefined;
  #inbox = "";
  #lastId = 0;
  #heardAt = 0;
  #timer: Timer | undefined;
  #stopRefusals: (() => void) | undefined;
  #over = false;

  /** Nothing is asked yet. */
  constructor(options: PullLoopOptions) {
    this.#options = options;
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
  }

  /** How many messages were asked for and have not come. */
  get awaited(): number {
    return this.#pulls.awaited;
  }

  /** Begins. */
  start(): void {
    this.#stopRefusals = this.#options.streams.connection.onRefusedSend?.((subject, error) => {
      if (subject === this.#subject) this.lose(error);
    });
    this.#listen();
    this.#watch();
  }

  /** Asks for as many as may come now. */
  topUp(): void {
    if (this.#over) return;
    const batch = this.#options.most() - this.#pulls.awaited;
    if (batch > 0 && batch >= this.#options.least()) this.#pull(batch);
  }

  /** Shows the broker that somebody is here, without being given anything: the request is over when it arrives. */
  showPresence(): void {
    if (!this.#over) this.#ask({ batch: 1, expires: 1 });
  }

  /** Takes no further messages, at once. */
  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#stopRefusals?.();
    this.#subscription?.unsubscribe();
  }

  /** Ends it with what it is told. */
  lose(error: MessagingError): void {
    if (this.#over) return;
    this.stop();
    this.#options.onLost(error);
  }

  /** Asks for no further messages; those that the broker has sent still come. Bounded, never rejects. */
  async drain(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    await this.#subscription?.drain();
    this.stop();
  }

  /** Another inbox each time: what was asked for under the last one comes no more. */
  #listen(): void {
    const { streams } = this.#options;
    this.#subscription?.unsubscribe();
    this.#pulls.clear();
    const token = createIdentifierSource(streams.clock).next(unguessableLength);
    const inbox = `${streams.inboxPrefix}.${token}.`;
    this.#inbox = inbox;
    const subscription = streams.connection.subscribe(`${inbox}*`, {
      onMessage: (message) => this.#take(message),
      onGap: () => {
        this.#options.onGap();
        if (!this.#over) this.#listen();
      },
      onRefused: (error) => this.lose(error),
    });
    this.#subscription = subscription;
    this.#heard();
    this.topUp();
    // It is asked behind the first request for messages, and refusals come before its answer.
    subscription.ready.then(() => {
      if (this.#over || this.#subscription !== subscription) return;
      this.#options.onReading();
      // Where the connection was away just now.
      this.topUp();
    }, () => {});
  }

  #pull(batch: number): void {
    const id = this.#ask({ batch, expires: expiresMs * 1e6, idle_heartbeat: heartbeatMs * 1e6 });
    if (id === undefined) return;
    if (this.#pulls.awaited === 0) this.#heard();
    this.#pulls.add(id, batch, this.#options.streams.clock.now() + expiresMs + silenceMs);
  }

  #ask(request: object): string | undefined {
    const { streams, fields } = this.#options;
    const id = String(this.#lastId += 1);
    const body = encoder.encode(JSON.stringify({ ...request, ...fields?.() }));
    try {
      return streams.ask(this.#subject, this.#inbox + id, body) ? id : undefined;
    } catch (error) {
      this.lose(error as MessagingError);
      return undefined;
    }
  }

  #take(message: TransportMessage): void {
    if (!message.subject.startsWith(this.#inbox)) {
      this.#heard();
      this.#pulls.arrived();
      return this.#options.onMessage(message);
    }
    const status = readPullStatus(message.headerBlock);
    if (status !== undefined && !this.#over) this.#hear(status, message.subject.slice(this.#inbox.length));
  }

  #hear(status: PullStatus, id: string): void {
    const { code, text } = status;
    // What becomes of a sign of presence says nothing of the requests that wait.
    if (this.#pulls.has(id)) this.#heard();
    if (code === 100) return;
    this.#pulls.ended(id, status.unfilled);
    if (code === 423) this.#options.onWrongPin?.();
    else if (code !== 404 && code !== 408 && !/^batch completed/i.test(text)) {
      return this.lose(
        new MessagingError("NO_RESPONDERS", `The broker gives no messages of it: ${whyNot(code, text)}`),
      );
    }
    this.topUp();
  }

  #heard(): void {
    this.#heardAt = this.#options.streams.clock.now();
  }

  #watch(): void {
    const { clock } = this.#options.streams;
    this.#timer = clock.after(heartbeatMs / 2, () => {
      const silentMs = clock.now() - this.#heardAt;
      if (this.#pulls.awaited > 0 && silentMs > silenceMs) {
        return this.lose(
          new MessagingError("DISCONNECTED", `The broker says nothing of it for ${Math.round(silentMs)} ms`),
        );
      }
      this.#pulls.expire(clock.now());
      this.topUp();
      this.#watch();
    });
  }
}

function whyNot(code: number, text: string): string {
  return code === 503 ? "the consumer is not there" : text || `status ${code}`;
}

/** A message that the broker sends only once has not come. */
export function messageLost(): MessagingError {
  return new MessagingError("DISCONNECTED", "A message was lost on its way");
}
