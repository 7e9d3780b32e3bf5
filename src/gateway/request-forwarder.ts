import { forbidden } from "../contract/access-check.ts";
import type { Authorize } from "../contract/authorize.ts";
import type { RequestOperation } from "../contract/contract.ts";
import { type Middleware, runMiddleware } from "../contract/operation-call.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { validationError } from "../contract/validator.ts";
import { decodeReply } from "../client/decode-reply.ts";
import { replyOpener, sealRequest } from "../client/payload-protection.ts";
import { isMessagingError, MessagingError } from "../errors/messaging-error.ts";
import { decodeErrorReply } from "../message/error-reply.ts";
import { decodeHeaderBlock } from "../message/header-block.ts";
import { headerNames } from "../message/header-names.ts";
import { decodeBody } from "../message/json-codec.ts";
import { MessageHeaders } from "../message/message-headers.ts";
import { OutgoingContext } from "../message/outgoing-context.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { isTraceparent, isTracestate } from "../message/trace-headers.ts";
import type { Clock } from "../transport/clock.ts";
import { createIdentifierSource, requestIdLength } from "../transport/identifiers.ts";
import type { TransportConnection, TransportMessage } from "../transport/transport.ts";
import { hasDuplicateKeys } from "./duplicate-keys.ts";
import type { AdmittedCaller, EdgeAccess } from "./edge-access.ts";
import type { EdgeCall } from "./edge-call.ts";
import { EdgeRefusal } from "./edge-refusal.ts";
import type { EffectiveLimits } from "./gateway-limits.ts";
import type { GatewayCallContext } from "./gateway-options.ts";
import { readBody } from "./read-body.ts";
import type { RequestRoute } from "./route-table.ts";
import type { ToldErrors } from "./told-errors.ts";
import type { TraceContext } from "./trace-context.ts";

/** The contract's own deadline is told to a service only when so much of it has passed: less is lost on the way anyhow. */
const slackMs = 25;
/** The connection's own deadline ends a request; the call's is there for whatever else hangs. */
const patienceMs = 500;

/** What a request forwarder is made of. */
export interface RequestForwarderOptions {
  readonly connection: () => TransportConnection | Promise<TransportConnection>;
  readonly access: EdgeAccess;
  readonly authorize: Authorize | undefined;
  readonly encryption: PayloadEncryption | undefined;
  readonly middleware: readonly Middleware<GatewayCallContext>[];
  readonly shareTraces: boolean;
  readonly limits: EffectiveLimits;
  readonly told: ToldErrors;
  readonly trace: TraceContext;
  readonly clock: Clock;
}

/** What goes behind the gateway. */
interface OutgoingRequest {
  readonly requestId: string;
  readonly replyToken: string;
  readonly body: Uint8Array;
  readonly headers: (readonly [string, string])[];
}

/** Takes requests from outside to their services: admits, reads, checks, sends, checks the answer. */
export class RequestForwarder {
  readonly #options: RequestForwarderOptions;
  readonly #identifiers: ReturnType<typeof createIdentifierSource>;

  /** For one gateway. */
  constructor(options: RequestForwarderOptions) {
    this.#options = options;
    this.#identifiers = createIdentifierSource(options.clock);
  }

  /**
   * Forwards one request; gives the answer's bytes as they came, once they have been checked.
   *
   * @throws {EdgeRefusal} for what the gateway does not take
   * @throws {MessagingError} what the caller is told
   */
  async forward(call: EdgeCall, route: RequestRoute): Promise<Uint8Array> {
    const { limits, access, clock } = this.#options;
    const { contract, operation, subject } = route;
    const { requestTimeoutMs } = call.headers;
    const timeoutMs = askedTimeoutMs(requestTimeoutMs, operation, limits);
    call.deadline = call.startedAt + timeoutMs + patienceMs;
    const replyToken = this.#identifiers.next(requestIdLength);
    const requestId = idempotencyKey(call.headers.idempotencyKey) ?? replyToken;
    const caller = await access.admit(call, { contract, operation, subject, requestId });
    // A caller that names a deadline counts from when it asked; the contract's own is for the work, not for the way to it.
    if (requestTimeoutMs === undefined) call.deadline = Infinity;
    const body = await readBody(call, () => clock.now(), limits);
    const end = timeoutMs + (requestTimeoutMs === undefined ? clock.now() : call.startedAt);
    call.deadline = end + patienceMs;
    const value = await this.#check(route, caller, body);
    const headers = this.#headers(call, operation, caller, { timeoutMs, end });
    const request = { requestId, replyToken, body, headers };
    return this.#options.middleware.length === 0
      ? await this.#exchange(call, route, request, end)
      : await this.#throughMiddleware(call, route, request, end, value);
  }

  /** Gives the value that the body is of. */
  async #check({ contract, operation }: RequestRoute, { actor }: AdmittedCaller, body: Uint8Array): Promise<unknown> {
    const { authorize } = this.#options;
    const value = decodeBody(body);
    if (hasDuplicateKeys(body, value)) {
      throw new MessagingError("MALFORMED_MESSAGE", "Cannot read a message: its body names a key twice");
    }
    const checking = operation.request.validate(value);
    const checked = checking instanceof Promise ? await checking : checking;
    if (checked.issues !== undefined) throw validationError("INVALID_REQUEST", operation.name, checked.issues);
    if (authorize === undefined) return value;
    const call = { contract: contract.name, operation: operation.name, data: checked.value, actor };
    if (!await authorize(call)) throw forbidden(operation);
    return value;
  }

  /** Nothing of the caller's travels on but its token, its key for the work, and what the options name. */
  #headers(
    call: EdgeCall,
    operation: RequestOperation,
    { token }: AdmittedCaller,
    { timeoutMs, end }: { readonly timeoutMs: number; readonly end: number },
  ): (readonly [string, string])[] {
    const { forwarded, idempotencyKey } = call.headers;
    const headers: (readonly [string, string])[] = forwarded.length === 0 ? [] : [...MessageHeaders.from(forwarded)];
    const leftMs = end - this.#options.clock.now();
    if (timeoutMs !== (operation.timeoutMs ?? defaultTimeoutMs) || timeoutMs - leftMs > slackMs) {
      headers.push([headerNames.timeout, String(Math.max(1, Math.floor(leftMs)))]);
    }
    if (idempotencyKey !== undefined) headers.push([headerNames.requestId, idempotencyKey]);
    const { traceparent, tracestate } = call.headers;
    if (this.#options.shareTraces && isTraceparent(traceparent)) {
      headers.push([headerNames.traceparent, traceparent]);
      if (isTracestate(tracestate)) headers.push([headerNames.tracestate, tracestate]);
    } else if (this.#options.middleware.length === 0) {
      headers.push([headerNames.traceparent, this.#options.trace.next()]);
    }
    if (token !== undefined) headers.push([headerNames.authorization, `Bearer ${token}`]);
    return headers;
  }

  async #throughMiddleware(
    call: EdgeCall,
    route: RequestRoute,
    request: OutgoingRequest,
    end: number,
    value: unknown,
  ): Promise<Uint8Array> {
    const { operation: { name: operation }, subject } = route;
    const given = MessageHeaders.fromTrusted(request.headers);
    const traceparent = given.get(headerNames.traceparent);
    const context = new OutgoingContext(subject, given, traceparent === undefined ? undefined : { traceparent });
    let answer: Uint8Array | undefined;
    await runMiddleware<GatewayCallContext>(
      this.#options.middleware,
      { kind: "request", action: "send", operation, destination: subject, data: value, context },
      async () => {
        const headers = [...context.headers];
        // A middleware that knows of traces has set it.
        if (!context.headers.has(headerNames.traceparent)) {
          headers.push([headerNames.traceparent, this.#options.trace.next()]);
        }
        return answer = await this.#exchange(call, route, { ...request, headers }, end);
      },
    );
    if (answer === undefined) throw new TypeError(`A middleware of the gateway kept "${operation}" from its service`);
    return answer;
  }

  async #exchange(call: EdgeCall, route: RequestRoute, request: OutgoingRequest, end: number): Promise<Uint8Array> {
    const { operation, subject, subjects } = route;
    const { encryption, told, clock } = this.#options;
    const { requestId, replyToken, headers } = request;
    let { body } = request;
    call.forwarded = true;
    let message: TransportMessage;
    try {
      if (encryption !== undefined) {
        const sealed = await sealRequest(encryption, operation.subject, requestId, body);
        headers.push([headerNames.encryption, sealed.header]);
        body = sealed.body;
      }
      const joined = this.#options.connection();
      const connection = joined instanceof Promise ? await joined : joined;
      const leftMs = end - clock.now();
      if (leftMs <= 0 || call.answered) throw tooLate(operation.name);
      // No signal goes with it: the pending request ends with the answer that the service gives to the cancel.
      call.abandon = () => {
        // A caller that leaves at its deadline has not changed its mind: the service sees the deadline pass, as over NATS.
        if (end - clock.now() > slackMs) cancel(connection, subjects.cancel(replyToken));
      };
      message = await connection.request(subject, body, {
        requestId: replyToken,
        timeoutMs: leftMs,
        operation: operation.name,
        headers: MessageHeaders.fromTrusted(headers),
      });
    } catch (thrown) {
      throw told.ofConnection(thrown, operation.name);
    }
    return await this.#answer(operation, message, requestId);
  }

  async #answer(operation: RequestOperation, message: TransportMessage, requestId: string): Promise<Uint8Array> {
    const { encryption, told } = this.#options;
    // The message's bytes are the socket's.
    const own = { ...message, body: message.body.slice(), headerBlock: message.headerBlock?.slice() };
    let body: Uint8Array = own.body;
    // Opening keeps what it opened: the caller gets those bytes, not the value that was made of them.
    const opener = encryption === undefined ? undefined : replyOpener(encryption, operation.subject, requestId);
    const open = opener === undefined
      ? undefined
      : async (sealed: Uint8Array, header: string | undefined) => body = await opener(sealed, header);
    try {
      const output = decodeReply(operation, own, open);
      if (output instanceof Promise) await output;
    } catch (thrown) {
      throw declared(operation, own, body, thrown) ?? told.ofReply(thrown, operation.name);
    }
    return body;
  }
}

/** An error of the contract, with its data as it travelled: the caller's own schema reads it again. */
function declared(
  operation: RequestOperation,
  { headerBlock }: TransportMessage,
  body: Uint8Array,
  thrown: unknown,
): MessagingError | undefined {
  if (!isMessagingError(thrown) || headerBlock === undefined || !operation.errors.has(thrown.code)) return undefined;
  const { status, retryable, retryAfterMs, correlationId, execution } = thrown;
  const { data } = decodeErrorReply(decodeHeaderBlock(headerBlock).headers, body);
  return new MessagingError(thrown.code, thrown.message, {
    operation: operation.name,
    data: thrown.data === undefined ? undefined : data,
    status,
    retryable,
    retryAfterMs,
    correlationId,
    execution,
  });
}

function tooLate(operation: string): MessagingError {
  const text = `Request "${operation}" was not sent: its deadline has passed`;
  return new MessagingError("TIMEOUT", text, { operation, execution: "not-executed" });
}

function askedTimeoutMs(header: string | undefined, operation: RequestOperation, limits: EffectiveLimits): number {
  const own = operation.timeoutMs ?? defaultTimeoutMs;
  if (header === undefined) return own;
  if (!/^\d{1,12}$/.test(header)) {
    throw new EdgeRefusal("INVALID_REQUEST", "Request-Timeout-Ms is no whole number of milliseconds", {
      reason: "invalid",
    });
  }
  const asked = Number(header);
  if (asked === 0) {
    throw new EdgeRefusal("TIMEOUT", "The request came when its deadline had passed", { reason: "invalid" });
  }
  return Math.min(asked, Math.max(limits.timeoutMs, own));
}

function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || /^[\x21-\x7e]{1,128}$/.test(header)) return header;
  const text = "Idempotency-Key is not 1 to 128 printable ASCII characters without spaces";
  throw new EdgeRefusal("INVALID_REQUEST", text, { reason: "invalid" });
}

function cancel(connection: TransportConnection, subject: string): void {
  try {
    connection.send(subject, new Uint8Array(0));
  } catch {
    // The connection is gone, and with it the answer: the server's own deadline ends the work.
  }
}
