/** What the broker says of a request for messages. */
export interface PullStatus {
  /** 100 is a sign of life; any other ends the request. */
  readonly code: number;
  /** In words. */
  readonly text: string;
  /** How many messages of the request will not come; `undefined` where it does not say. */
  readonly unfilled: number | undefined;
}

const decoder = new TextDecoder();

/** Reads a message of the broker's own; `undefined` where it is none. */
export function readPullStatus(headerBlock: Uint8Array | undefined): PullStatus | undefined {
  if (headerBlock === undefined) return undefined;
  const text = decoder.decode(headerBlock);
  const [, code, words = ""] = /^NATS\/1\.0 (\d{3})(?: ([^\r\n]*))?/.exec(text) ?? [];
  if (code === undefined) return undefined;
  const unfilled = /\r\nNats-Pending-Messages: *(\d+)/i.exec(text)?.[1];
  return {
    code: Number(code),
    text: words.slice(0, 128),
    unfilled: unfilled === undefined ? undefined : Number(unfilled),
  };
}
