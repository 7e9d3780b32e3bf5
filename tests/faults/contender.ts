import type { Ending } from "./history.ts";

/** What the same experiment is run with. */
export const contenderNames = ["ours", "nats.js", "nats.js-tuned", "nestjs"] as const;

export type ContenderName = (typeof contenderNames)[number];

/** Where and how to connect; what is left out stays as the contender comes. */
export interface ConnectionChoice {
  readonly servers: readonly string[];
  /** Shown by the broker's monitoring. */
  readonly name?: string;
  /** How often the broker is asked whether it lives, in milliseconds; it may be silent twice. */
  readonly pingIntervalMs?: number;
  readonly user?: string;
  readonly password?: string;
  /** Bodies are encrypted with this key, where the contender can: 32 bytes as base64. */
  readonly encryptionKey?: string;
}

/** What an instance of a service has besides. */
export interface ServiceChoice extends ConnectionChoice {
  /** Hears what the contender logs. */
  readonly onLog?: (text: string) => void;
  /** How many requests may wait for a handler, where the contender bounds that. */
  readonly queueLimit?: number;
}

/** How a caller asks. */
export interface AskOptions {
  /** When the promise has to be settled. */
  readonly timeoutMs: number;
  /** Whether the work may be done twice. */
  readonly idempotent: boolean;
  readonly signal?: AbortSignal;
  /** Sent with it, where the contender can. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an error told its caller. */
export interface ToldError {
  readonly code: string;
  readonly ending: Ending;
}

/** What a listener hears besides events. */
export interface HearOptions {
  /** Hears that events may be missing; a contender that does not tell never calls it. */
  readonly onGap?: () => void;
}

/** One connection that asks, tells events and hears them. */
export interface Caller {
  /** Whether it is connected now, as far as it says. */
  readonly connected: boolean;
  /** Asks a service, which gives the text back. */
  ask(text: string, options: AskOptions): Promise<string>;
  /** Tells an event; resolves when the contender says that it is told. */
  tell(number: number, padding?: string): Promise<void>;
  /** Hears events from now on; resolves when it does. */
  hear(onNumber: (number: number) => void, options?: HearOptions): Promise<() => Promise<void>>;
  /** Ends in good order, as the contender's documentation says. */
  close(): Promise<void>;
}

/** One instance of a service. */
export interface Service {
  /** Ends in good order, as the contender's documentation says. */
  stop(graceMs?: number): Promise<void>;
}

/** The work behind a request; what comes back is the answer. The signal ends it, where the contender has one. */
export type Work = (text: string, signal?: AbortSignal) => string | Promise<string>;

/** One of the libraries that are compared. */
export interface Contender {
  readonly name: ContenderName;
  /** Connects a caller. */
  openCaller(choice: ConnectionChoice): Promise<Caller>;
  /** Connects an instance of the service; resolves when it is asked from then on. */
  openService(choice: ServiceChoice, work: Work): Promise<Service>;
  /** What an error said. */
  told(error: unknown): ToldError;
}
