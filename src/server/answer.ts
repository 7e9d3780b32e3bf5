import type { MessageHeaders } from "../message/message-headers.ts";

/** An answer, before it is encrypted. */
export interface Answer {
  readonly body: Uint8Array;
  readonly headers: MessageHeaders;
  /** What discovery shows as the last error; absent for a result. */
  readonly failure: string | undefined;
}
