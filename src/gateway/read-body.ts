import { MessagingError } from "../errors/messaging-error.ts";
import type { BodyProgress, EdgeCall } from "./edge-call.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";

/** One that says it is no longer is taken in one piece: servers have a fast way for that. */
const onePieceBytes = 65_536;
const jsonType = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?$/i;
const wholeNumber = /^\d{1,15}$/;
const noBody = new Uint8Array(0);
/** So many pieces with fewer bytes each on average are not sent by anybody who means well: each costs as much as a large one. */
const manyPieces = 4_096;
const smallPieceBytes = 16;

/**
 * Reads a request's body, never more of it than the limit, and not when it is not JSON as it stands.
 *
 * @throws {EdgeRefusal} for its type, its encoding, its size
 * @throws {MessagingError} `CANCELLED` where the caller leaves before it is whole
 */
export async function readBody(call: EdgeCall, now: () => number, limits: EffectiveLimits): Promise<Uint8Array> {
  const { contentType, contentEncoding, contentLength, transferEncoding } = call.headers;
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") {
    throw new EdgeRefusal("UNSUPPORTED", "A body is taken as it is, without Content-Encoding", {
      reason: "content-encoding",
      status: 415,
      headers: { "Accept-Encoding": "identity" },
    });
  }
  if (call.request.bodyUsed) throw new TypeError("The body was read before the gateway got the request");
  const known = transferEncoding === undefined && contentLength !== undefined && wholeNumber.test(contentLength)
    ? Number(contentLength)
    : undefined;
  if (known === 0) return noBody;
  if (known !== undefined && known > limits.bodyBytes) throw tooLarge(limits);
  if (contentType === undefined ? known !== undefined : !jsonType.test(contentType)) throw notJson();
  const body = known !== undefined && known <= onePieceBytes
    ? await readWhole(call, now(), limits)
    : await readPieces(call, now, limits);
  if (body.length > limits.bodyBytes) throw tooLarge(limits);
  if (body.length > 0 && contentType === undefined) throw notJson();
  return body;
}

async function readWhole(call: EdgeCall, startedAt: number, limits: EffectiveLimits): Promise<Uint8Array> {
  call.body = progress(startedAt, limits, () => {});
  try {
    return new Uint8Array(await call.request.arrayBuffer());
  } catch (cause) {
    throw broken(cause);
  } finally {
    call.body = undefined;
  }
}

async function readPieces(call: EdgeCall, now: () => number, limits: EffectiveLimits): Promise<Uint8Array> {
  const { body } = call.request;
  if (body === null) return noBody;
  const gathered = new GrowingBytes();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    reader = body.getReader();
    const reading = reader;
    const progressed = call.body = progress(now(), limits, () => void reading.cancel().catch(() => {}));
    for (let pieces = 1;; pieces++) {
      const { done, value } = await reader.read();
      if (done) break;
      if (pieces >= manyPieces && gathered.length < pieces * smallPieceBytes) {
        progressed.cancel();
        throw crumbled();
      }
      if (gathered.length + value.length > limits.bodyBytes) {
        progressed.cancel();
        throw tooLarge(limits);
      }
      gathered.add(value);
      progressed.lastAt = now();
    }
  } catch (cause) {
    throw cause instanceof EdgeRefusal ? cause : broken(cause);
  } finally {
    call.body = undefined;
  }
  return gathered.bytes;
}

/** Bytes that come in pieces of any size: to keep the pieces would cost a hundred times as much where each is one byte. */
class GrowingBytes {
  length = 0;
  #space = new Uint8Array(4_096);

  add(piece: Uint8Array): void {
    const needed = this.length + piece.length;
    if (needed > this.#space.length) {
      const space = new Uint8Array(Math.max(needed, this.#space.length * 2));
      space.set(this.bytes);
      this.#space = space;
    }
    this.#space.set(piece, this.length);
    this.length = needed;
  }

  get bytes(): Uint8Array {
    return this.#space.subarray(0, this.length);
  }
}

function progress(startedAt: number, limits: EffectiveLimits, cancel: () => void): BodyProgress {
  return { startedAt, lastAt: startedAt, idleMs: limits.bodyIdleMs, totalMs: limits.bodyTotalMs, cancel };
}

function tooLarge({ bodyBytes }: EffectiveLimits): EdgeRefusal {
  return new EdgeRefusal("PAYLOAD_TOO_LARGE", `The body of the request has more than ${bodyBytes} bytes`, {
    reason: "body-size",
  });
}

function crumbled(): EdgeRefusal {
  return new EdgeRefusal("MALFORMED_MESSAGE", "The body of the request comes in too many pieces", {
    reason: "body-pieces",
    // What is on its way in such pieces already takes a hundred times its size in the HTTP server.
    headers: { "Connection": "close" },
  });
}

function notJson(): EdgeRefusal {
  return new EdgeRefusal("UNSUPPORTED", "A body is taken as JSON: Content-Type application/json is wanted", {
    reason: "content-type",
    status: 415,
    headers: { "Accept-Post": "application/json" },
  });
}

function broken(cause: unknown): MessagingError {
  return new MessagingError("CANCELLED", "The body of the request did not come whole", {
    execution: "not-executed",
    cause,
  });
}
