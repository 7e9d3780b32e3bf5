import type { MessagingError } from "../../errors/messaging-error.ts";
import type { Logger } from "../../logging/logger.ts";
import type {
  ConsumeOptions,
  ReplayOptions,
  StoredMessage,
  StreamDefinition,
  StreamReader,
} from "../../transport/event-store.ts";
import type { MemoryStreamKeeper } from "../memory-broker.ts";

/** The participant that reads. */
export interface ReaderOwner {
  /** Whether it is still there. */
  readonly isOpen: () => boolean;
  /** Hears of callbacks that throw. */
  readonly logger: Logger;
}

/** A reader that its owner ends when it leaves. */
export interface KeptReader extends StreamReader {
  /** Takes no further messages, for this reason. */
  end(error: MessagingError): void;
}

/** What a participant does with the streams. Another copy of this library in the process has a class of its own for it. */
export interface StreamKeeper extends MemoryStreamKeeper {
  /** Makes a stream, or compares; gives the subjects it added. @throws {MessagingError} `UNSUPPORTED`, with each difference */
  ensure(definition: StreamDefinition): readonly string[];
  /** The first message at a sequence or behind it; `undefined` where there is none. */
  read(stream: string, query: { readonly sequence: number; readonly subject: string }): StoredMessage | undefined;
  /** Takes a message out; `false` where it was not there. */
  remove(stream: string, sequence: number): boolean;
  /** The oldest and the newest sequence. */
  bounds(stream: string): { readonly first: number; readonly last: number };
  /** Shares a consumer. */
  consume(options: ConsumeOptions, owner: ReaderOwner): KeptReader;
  /** Reads alone. */
  replay(options: ReplayOptions, owner: ReaderOwner): KeptReader;
}
