import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import type { PayloadBinding, PayloadEncryption } from "../message/payload-encryption.ts";

/** The headers of a message; none where they cannot be read. */
export function readHeaders(headerBlock: Uint8Array | undefined): MessageHeaders {
  try {
    return headerBlock === undefined ? MessageHeaders.empty : decodeHeaderBlock(headerBlock).headers;
  } catch {
    return MessageHeaders.empty;
  }
}

/** What a body says; the bytes themselves where they are not JSON. */
export function readData(body: Uint8Array): unknown {
  try {
    return decodeBody(body);
  } catch {
    return body.slice();
  }
}

/** The same of a body that may be encrypted. */
export async function openData(
  encryption: PayloadEncryption,
  body: Uint8Array,
  headers: MessageHeaders,
  binding: PayloadBinding,
): Promise<unknown> {
  try {
    return readData(await encryption.open(body.slice(), headers.get(headerNames.encryption), binding));
  } catch {
    return body.slice();
  }
}
