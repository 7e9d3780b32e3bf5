import { MessagingError } from "../../errors/messaging-error.ts";
import type { StoreCallOptions, StoredMessage } from "../../transport/event-store.ts";
import { findStream } from "./ensure-stream.ts";
import type { StreamApi } from "./stream-api.ts";
import { streamErrorCode, streamErrorCodes } from "./stream-api-error.ts";

/** A stored message as the broker's management gives it, bytes in base64. */
interface StoredMessageAnswer {
  readonly message: {
    readonly subject: string;
    readonly seq: number;
    readonly hdrs?: string;
    readonly data?: string;
    readonly time: string;
  };
}

/** The first message at a sequence or behind it whose subject matches; `undefined` where there is none. */
export async function readStored(
  api: StreamApi,
  stream: string,
  { sequence, subject }: { readonly sequence: number; readonly subject: string },
  options: StoreCallOptions,
): Promise<StoredMessage | undefined> {
  try {
    const { message } = await api.ask<StoredMessageAnswer>(
      `STREAM.MSG.GET.${stream}`,
      { seq: Math.max(1, sequence), next_by_subj: subject },
      `Cannot read stream "${stream}"`,
      options,
    );
    return {
      subject: message.subject,
      headerBlock: message.hdrs === undefined ? undefined : bytesOf(message.hdrs),
      body: bytesOf(message.data ?? ""),
      sequence: message.seq,
      publishedAt: Date.parse(message.time),
    };
  } catch (error) {
    if (streamErrorCode(error) === streamErrorCodes.noMessageFound) return undefined;
    throw error;
  }
}

/** Takes a message out of the stream; `false` where it was not there. */
export async function removeStored(
  api: StreamApi,
  stream: string,
  sequence: number,
  options: StoreCallOptions,
): Promise<boolean> {
  try {
    const { success } = await api.ask<{ success?: boolean }>(
      `STREAM.MSG.DELETE.${stream}`,
      { seq: sequence, no_erase: true },
      `Cannot remove message ${sequence} of stream "${stream}"`,
      options,
    );
    return success === true;
  } catch (error) {
    const code = streamErrorCode(error);
    if (code === streamErrorCodes.sequenceNotFound || code === streamErrorCodes.noMessageFound) return false;
    // Of one that was never there or is gone, the broker only says in words that it is not found.
    if (code === streamErrorCodes.deleteFailed && /not found|no message|deleted|EOF/i.test(String(error))) return false;
    throw error;
  }
}

/** The stream's oldest and newest sequence. */
export async function streamBounds(
  api: StreamApi,
  stream: string,
  options: StoreCallOptions,
): Promise<{ readonly first: number; readonly last: number }> {
  const found = await findStream(api, stream, options);
  // A stream that never had a message says 0.
  if (found !== undefined) return { first: Math.max(1, found.state.first_seq), last: found.state.last_seq };
  throw new MessagingError("NO_RESPONDERS", `Stream "${stream}" is not there`, { operation: options.operation });
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
