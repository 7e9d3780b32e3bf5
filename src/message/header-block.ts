import { MessagingError } from "../errors/messaging-error.ts";
import { isLibraryHeader } from "./header-names.ts";
import { maximumHeaderBlockBytes, maximumHeaderBytes, maximumHeaders } from "./limits.ts";
import { isReadableHeader, MessageHeaders } from "./message-headers.ts";

/** A header block that came in: headers, and the broker's inline status where it set one. */
export interface DecodedHeaderBlock {
  /** The headers. */
  readonly headers: MessageHeaders;
  /** `503` is "no responders" (ADR-4, ADR-32); 0 where there is none. */
  readonly status: number;
}

const versionLine = "NATS/1.0";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes headers as NATS sends them (ADR-4). */
export function encodeHeaderBlock(headers: MessageHeaders, status?: number): Uint8Array {
  let text = status === undefined ? versionLine : `${versionLine} ${status}`;
  for (const [name, value] of headers) text += `\r\n${name}: ${value}`;
  return encoder.encode(`${text}\r\n\r\n`);
}

/** Reads a header block of a peer. @throws {MessagingError} `MALFORMED_MESSAGE`, and nothing else, whatever the bytes */
export function decodeHeaderBlock(block: Uint8Array): DecodedHeaderBlock {
  if (block.length > maximumHeaderBlockBytes) {
    throw malformed(`its header block has ${block.length} bytes, at most ${maximumHeaderBlockBytes} are read`);
  }
  const lines = decoder.decode(block).split("\r\n");
  const first = lines[0] ?? "";
  if (!first.startsWith(versionLine)) throw malformed("its header block does not start with NATS/1.0");
  const entries: (readonly [string, string])[] = [];
  let foreignHeaders = 0;
  let foreignBytes = 0;
  for (const line of lines.slice(1)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (colon < 1 || !isReadableHeader(name, value)) throw malformed("a header of it has no sound name and value");
    if (!isLibraryHeader(name)) {
      foreignHeaders += 1;
      foreignBytes += line.length;
    }
    entries.push([name, value]);
  }
  if (foreignHeaders > maximumHeaders || foreignBytes > maximumHeaderBytes) {
    throw malformed(
      `it has ${foreignHeaders} headers of ${foreignBytes} bytes, at most ${maximumHeaders} of ${maximumHeaderBytes} bytes are read`,
    );
  }
  const status = Number.parseInt(first.slice(versionLine.length).trim(), 10);
  return { headers: MessageHeaders.fromTrusted(entries), status: Number.isInteger(status) ? status : 0 };
}

const noRespondersLine = encoder.encode(`${versionLine} 503`);

/** Tells the broker's word that nobody serves a subject: an empty body under the status 503. */
export function isNoResponders(block: Uint8Array | undefined, body: Uint8Array): boolean {
  return block !== undefined && body.length === 0 && noRespondersLine.every((byte, index) => block[index] === byte);
}

function malformed(reason: string): MessagingError {
  return new MessagingError("MALFORMED_MESSAGE", `Cannot read a message: ${reason}`);
}
