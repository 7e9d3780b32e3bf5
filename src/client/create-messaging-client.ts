import type { Contract, EventOperation } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/default-timeout.ts";
import { runMiddleware } from "../contract/operation-call.ts";
import { contractSubjects } from "../contract/subjects.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import { silentLogger } from "../logging/logger.ts";
import { systemClock } from "../transport/clock.ts";
import type {
  EventContext,
  EventHandler,
  EventsOptions,
  MessagingClientOptions,
  RequestOptions,
  SubscribeOptions,
} from "./client-options.ts";
import type { DeadLettersOptions } from "../durable/dead-letter.ts";
import type { AnyStoredOptions, ReportedOptions } from "../durable/durable-options.ts";
import type { StoredListener } from "../durable/stored-listener.ts";
import { isStored, StoredSubscriptions } from "./stored-subscriptions.ts";
import { ClientConnection } from "./client-connection.ts";
import { ClientSubscriptions, type SubscriptionHandle } from "./client-subscriptions.ts";
import { EventReceiver } from "./event-receiver.ts";
import { createEventStream, type EventStreamSource } from "./event-stream.ts";
import type { EventStream, EventSubscription, MessagingClient } from "./messaging-client.ts";
import { openEvent } from "./payload-protection.ts";
import { RequestCaller } from "./request-caller.ts";
import { RetryPolicy } from "./retry-policy.ts";
import { unknownOperation } from "./unknown-operation.ts";

const defaultQueueLimit = 1_024;
const defaultQueueBytes = 16 * 1024 * 1024;

/** As much of the options of `subscribe` and `events` as is the same for every contract. */
type AnySubscribeOptions = Omit<SubscribeOptions<Contract, never>, "params"> & {
  readonly params?: Readonly<Record<string, unknown>>;
};

/**
 * Makes a client of one contract. It connects with `connect()`; nothing happens before.
 *
 * @throws {TypeError} for options that cannot work
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract, createMessagingClient, MemoryTransport } from "@magicbutton/messaging";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 * });
 * const client = createMessagingClient({ contract: clock, transport: new MemoryTransport() });
 * await client.connect();
 * await client.disconnect();
 * ```
 */
export function createMessagingClient<C extends Contract>(options: MessagingClientOptions<C>): MessagingClient<C> {
  const { contract, transport, timeoutMs = defaultTimeoutMs, middleware = [] } = options;
  const { logger = silentLogger, clock = systemClock, encryption, contractCheck } = options;
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw new TypeError(`Cannot use \`timeoutMs\`: a number over 0 is wanted, current value is ${String(timeoutMs)}`);
  }
  const subjects = contractSubjects(contract, options.namespace);
  const subscriptions = new ClientSubscriptions(options.token);
  const stored = new StoredSubscriptions();
  const connection = new ClientConnection({
    transport,
    logger,
    check: contractCheck &&
      ((opened, signal) =>
        contractCheck({ contract, namespace: options.namespace, connection: opened, signal, clock, logger })),
    onOpen: (opened) => {
      subscriptions.attach(opened);
      stored.attach(opened);
    },
    onLeaving: () => stored.leave(),
    onLeave: () => subscriptions.end(),
  });
  const caller = new RequestCaller({
    subjects,
    connection: () => connection.current,
    isConnected: () => connection.status === "connected",
    leaving: () => connection.leaving,
    token: options.token,
    signer: options.signer,
    encryption,
    timeoutMs,
    retry: new RetryPolicy(options.retry ?? {}, clock),
    middleware,
    clock,
  });

  const request = (name: string, input?: unknown, requestOptions: RequestOptions = {}): Promise<unknown> => {
    const operation = contract.requests.get(name);
    return operation === undefined
      ? Promise.reject(unknownOperation("INVALID_REQUEST", "request", contract, name))
      : caller.call(operation, input, requestOptions);
  };

  const eventOf = (name: string): EventOperation => {
    const operation = contract.events.get(name);
    if (operation === undefined) throw unknownOperation("INVALID_EVENT", "event", contract, name);
    return operation;
  };

  const reporter = (name: string, { onError }: ReportedOptions): StoredListener["onError"] => (error, failure) => {
    try {
      if (onError !== undefined) return onError(error as Error, failure);
      logger.warn("An event was not handled", { event: name, error, ...failure });
    } catch (thrown) {
      logger.error("An onError callback threw", { event: name, error: thrown });
    }
  };

  const listen = (
    name: string,
    action: "process" | "receive",
    given: AnySubscribeOptions,
    handler: (data: unknown, context: EventContext) => void | Promise<void>,
    onEnd: (error?: unknown) => void,
  ): { handle: SubscriptionHandle; receiver: EventReceiver } => {
    const operation = eventOf(name);
    const prefix = subjects.of(operation.subject);
    const report = reporter(name, given);
    const cut = (error: MessagingError): void => {
      handle.remove(error);
      report(error);
      // What came before is handled; nothing more comes.
      void receiver.idle().then(() => onEnd(error));
    };
    const receiver = new EventReceiver({
      operation,
      prefix,
      concurrency: given.concurrency ?? 1,
      queueLimit: given.queueLimit ?? defaultQueueLimit,
      queueBytes: given.queueBytes ?? defaultQueueBytes,
      overflow: given.overflow ?? "drop-oldest",
      open: encryption === undefined
        ? undefined
        : ({ subject, body }, headers) => openEvent(encryption, subjects.relative(subject), headers, body),
      handle: middleware.length === 0 ? handler : throughMiddleware(operation, action, given.queueGroup, handler),
      onError: report,
      onGap: given.onGap,
      onCut: cut,
    });
    const subject = operation.template.subscribeSubject(prefix, given.params ?? {});
    const handle = subscriptions.add({
      subject,
      queueGroup: given.queueGroup,
      onMessage: (message) => receiver.receive(message),
      onGap: (reason) => receiver.gap(reason),
      onRefused: (error, wasThere) => {
        logger.error("A subscription was refused", { subject, error });
        // A handler may wait; whoever reads in a loop would not learn of it.
        if (wasThere) action === "receive" && !error.retryable ? cut(error) : report(error);
      },
      onEnd: () => {
        void receiver.end();
        onEnd();
      },
    });
    return { handle, receiver };
  };

  const throughMiddleware = (
    { name, subject, template }: EventOperation,
    action: "process" | "receive",
    queueGroup: string | undefined,
    handler: (data: unknown, context: never) => unknown,
  ) => {
    const same = {
      kind: "event",
      action,
      operation: name,
      destination: template.pattern(subjects.of(subject)),
      queueGroup,
    } as const;
    return async (data: unknown, context: EventContext): Promise<void> => {
      const { subject, headers } = context;
      await runMiddleware(
        middleware,
        { ...same, data, context: { subject, headers } },
        async (call) => await handler(call.data, context as never),
      );
    };
  };

  const subscribe = (
    name: string,
    second: AnySubscribeOptions | EventHandler<Contract, never>,
    third?: EventHandler<Contract, never>,
  ): EventSubscription => {
    const handler = third ?? second;
    const given = third === undefined ? {} : second;
    if (typeof handler !== "function" || typeof given === "function") {
      throw new TypeError(`Cannot subscribe to "${name}": a handler is wanted as the last argument`);
    }
    const operation = eventOf(name);
    if (isStored(operation, given)) {
      operation.template.subscribeSubject(operation.subject, given.params ?? {});
      return stored.add({
        contract,
        namespace: options.namespace,
        subjects,
        operation,
        options: given as AnyStoredOptions,
        handle: middleware.length === 0 ? handler as StoredListener["handle"] : throughMiddleware(
          operation,
          "process",
          (given as AnyStoredOptions).durable,
          handler as StoredListener["handle"],
        ) as StoredListener["handle"],
        onError: reporter(name, given),
        token: options.token,
        encryption,
        logger,
        clock,
      });
    }
    const { handle, receiver } = listen(
      name,
      "process",
      given,
      handler as (data: unknown, context: EventContext) => void,
      () => {},
    );
    const unsubscribe = async (): Promise<void> => {
      handle.remove();
      await receiver.end();
    };
    return {
      get ready() {
        return handle.ready;
      },
      unsubscribe,
      [Symbol.asyncDispose]: unsubscribe,
    };
  };

  const events = (name: string, given: EventsOptions<Contract, never> = {}): EventStream<unknown> => {
    const { signal, ...rest } = given;
    const source: { current?: EventStreamSource<unknown> } = {};
    const { handle, receiver } = listen(
      name,
      "receive",
      rest as AnySubscribeOptions,
      (data, context) => source.current?.push(data, context),
      (error) => source.current?.end(error),
    );
    const stop = (): void => {
      signal?.removeEventListener("abort", stop);
      handle.remove();
      source.current?.end();
      void receiver.end();
    };
    source.current = createEventStream(() => handle.ready, stop);
    handle.ready.catch((error: unknown) => source.current?.end(error));
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    return source.current.stream;
  };

  const deadLetters = (name: string, given: DeadLettersOptions): AsyncIterable<unknown> => {
    const operation = eventOf(name);
    isStored(operation, given);
    const { namespace } = options;
    const query = { contract, namespace, subjects, operation, encryption, ...given };
    return {
      [Symbol.asyncIterator]: async function* () {
        const { readDeadLetters } = await import("../durable/stored-events.ts");
        yield* readDeadLetters({ ...query, connection: connection.current });
      },
    };
  };

  const client = {
    get status() {
      return connection.status;
    },
    connect: (connectOptions: { signal?: AbortSignal } = {}) => connection.connect(connectOptions.signal),
    request,
    subscribe,
    events,
    deadLetters,
    onStatus: (listener: Parameters<ClientConnection["onStatus"]>[0]) => connection.onStatus(listener),
    disconnect: () => connection.disconnect(),
    [Symbol.asyncDispose]: () => connection.disconnect(),
  };
  return client as unknown as MessagingClient<C>;
}
