import type { StreamStart } from "./stream-start.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** Where the events of one subject come from, for all streams that show them. */
export interface EventSource {
  /** How many streams show it. */
  readonly size: number;
  /**
   * Adds a stream; resolves when its events come.
   *
   * @throws {EdgeRefusal} for a start that was never given
   * @throws {MessagingError} what the connection says
   */
  join(stream: StreamWriter, start: StreamStart): Promise<void>;
  /** Takes a stream away. */
  leave(stream: StreamWriter): void;
  /** The connection was away, and is back. */
  tellOutage(): void;
  /** Ends it: nothing is heard after that. */
  end(): void;
}
