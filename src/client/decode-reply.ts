import type { RequestOperation } from "../contract/contract.ts";
import { validationError } from "../contract/validator.ts";
import { isLibraryCode, type LibraryCode } from "../errors/error-codes.ts";
import { MessagingError } from "../errors/messaging-error.ts";
import { decodeErrorReply, isErrorReply } from "../message/error-reply.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { acknowledgingStream } from "../message/stored-acknowledgement.ts";
import type { TransportMessage } from "../transport/transport.ts";

/** What a plain ADR-32 service means by its status, where it says no more. */
const codeOfStatus: Readonly<Record<number, LibraryCode>> = {
  400: "INVALID_REQUEST",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  413: "PAYLOAD_TOO_LARGE",
  501: "UNSUPPORTED",
  503: "BUSY",
  504: "TIMEOUT",
};

/** Opens an encrypted body. */
export type OpenReply = (body: Uint8Array, header: string | undefined) => Promise<Uint8Array>;

/**
 * Reads an answer: the response schema's output, or a promise of it where that schema is asynchronous or the body is
 * encrypted.
 *
 * @throws {MessagingError} what the service answered, `INVALID_RESPONSE`, `DECRYPTION_FAILED` or `MALFORMED_MESSAGE`;
 * nothing else, whatever the bytes
 */
export function decodeReply(operation: RequestOperation, message: TransportMessage, open?: OpenReply): unknown {
  const headers = readHeaders(operation.name, message);
  if (open === undefined) return decodeOpened(operation, headers, message.body);
  return open(message.body, headers.get(headerNames.encryption)).then(
    (body) => decodeOpened(operation, headers, body),
    (error: MessagingError) => {
      throw new MessagingError(error.code, error.message, { operation: operation.name, execution: "unknown" });
    },
  );
}

function decodeOpened(operation: RequestOperation, headers: MessageHeaders, body: Uint8Array): unknown {
  if (isErrorReply(headers)) return throwErrorReply(operation, headers, body);
  const value = readBody(operation.name, body);
  const stream = acknowledgingStream(headers, value);
  if (stream !== undefined) {
    throw new MessagingError(
      "INVALID_RESPONSE",
      `Request "${operation.name}" was answered by the stream "${stream}", which stores its subject: take the contract's request subjects out of the stream`,
      { operation: operation.name, execution: "unknown" },
    );
  }
  const result = operation.response.validate(value);
  return result instanceof Promise
    ? result.then((awaited) => outputOf(operation, awaited))
    : outputOf(operation, result);
}

function readHeaders(operation: string, { headerBlock }: TransportMessage): MessageHeaders {
  if (headerBlock === undefined) return MessageHeaders.empty;
  try {
    return decodeHeaderBlock(headerBlock).headers;
  } catch (error) {
    throw unreadable(operation, error as Error);
  }
}

function readBody(operation: string, body: Uint8Array): unknown {
  try {
    return decodeBody(body);
  } catch (error) {
    throw unreadable(operation, error as Error);
  }
}

function unreadable(operation: string, cause: Error): MessagingError {
  const text = `Request "${operation}" got an answer that cannot be read: ${cause.message}`;
  return new MessagingError("MALFORMED_MESSAGE", text, { operation, execution: "unknown", cause });
}

function outputOf(
  operation: RequestOperation,
  result: Awaited<ReturnType<RequestOperation["response"]["validate"]>>,
): unknown {
  if (result.issues !== undefined) throw validationError("INVALID_RESPONSE", operation.name, result.issues);
  return result.value;
}

function throwErrorReply(
  operation: RequestOperation,
  headers: MessageHeaders,
  body: Uint8Array,
): never | Promise<never> {
  const reply = decodeErrorReply(headers, body);
  const { status, retryAfterMs, correlationId, message } = reply;
  const common = { operation: operation.name, retryAfterMs, correlationId };
  const contractError = reply.code === undefined ? undefined : operation.errors.get(reply.code);
  if (contractError !== undefined) {
    const make = (data: unknown): MessagingError =>
      new MessagingError(contractError.code, message, {
        ...common,
        data,
        status: contractError.status,
        retryable: contractError.retryable,
      });
    if (contractError.data === undefined) throw make(undefined);
    const result = contractError.data.validate(reply.data);
    const settle = (settled: Awaited<typeof result>): never => {
      if (settled.issues === undefined) throw make(settled.value);
      throw new MessagingError(
        "INVALID_RESPONSE",
        `Request "${operation.name}" failed with ${contractError.code}, whose data does not fit the contract`,
        common,
      );
    };
    return result instanceof Promise ? result.then(settle) : settle(result);
  }
  if (reply.code !== undefined && isLibraryCode(reply.code)) {
    throw new MessagingError(reply.code, message, { ...common, data: reply.data, retryable: reply.retryable });
  }
  if (reply.code !== undefined) {
    throw new MessagingError(
      "INTERNAL",
      `Request "${operation.name}" failed with ${reply.code}, which the contract does not name for it: ${message}`,
      common,
    );
  }
  const code = (status === undefined ? undefined : codeOfStatus[status]) ?? "INTERNAL";
  // A foreign service may have begun its work before it answered with a status.
  throw new MessagingError(code, message, { ...common, status, execution: "unknown" });
}
