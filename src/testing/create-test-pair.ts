import type { Contract } from "../contract/contract.ts";
import type { RequestName } from "../contract/infer.ts";
import { createMessagingClient } from "../client/create-messaging-client.ts";
import type { MessagingClientOptions } from "../client/client-options.ts";
import type { MessagingClient } from "../client/messaging-client.ts";
import type { Logger } from "../logging/logger.ts";
import type { PayloadEncryption } from "../message/payload-encryption.ts";
import { createMessagingServer } from "../server/create-messaging-server.ts";
import type { MessagingServer } from "../server/messaging-server.ts";
import type { MessagingServerOptions, RequestHandler } from "../server/server-options.ts";
import type { Clock } from "../transport/clock.ts";
import type { Transport } from "../transport/transport.ts";
import { FakeClock } from "./fake-clock.ts";
import type { Faults } from "./faults.ts";
import type { HistoryLimits, MessageHistory } from "./message-history.ts";
import type { MessageLog } from "./message-log.ts";
import type { SentEvents, SentRequests } from "./sent-messages.ts";
import { createTestAuthenticator, type TestCaller } from "./test-authenticator.ts";
import { TestTransport } from "./test-transport.ts";

/** Handlers by request name; a request without one is answered by nobody. */
export type TestHandlers<C extends Contract> = { readonly [Name in RequestName<C>]?: RequestHandler<C, Name> };

/**
 * Options of `createTestPair`.
 *
 * @example
 * ```ts
 * import type { Contract } from "@magicbutton/messaging";
 * import { FakeClock, type TestPairOptions } from "@magicbutton/messaging/testing";
 *
 * const options: TestPairOptions<Contract> = { as: ["clerk"], clock: new FakeClock() };
 * ```
 */
export interface TestPairOptions<C extends Contract> {
  /** How requests are answered: handlers by name, or a function that registers them, such as the service's own. @default none */
  readonly handlers?: TestHandlers<C> | ((server: MessagingServer<C>) => void | Promise<void>);
  /** Who the client is: roles, or an actor. @default nobody: a caller without a token */
  readonly as?: TestCaller;
  /** More options of the client, such as `middleware` or `retry`. @default none */
  readonly client?: Omit<
    MessagingClientOptions<C>,
    "contract" | "transport" | "token" | "encryption" | "namespace" | "clock"
  >;
  /** More options of the server, such as `middleware`, `authorize` or an `authenticate` of its own. @default none */
  readonly server?: Omit<MessagingServerOptions<C>, "contract" | "transport" | "encryption" | "namespace" | "clock">;
  /** Encrypts bodies between them; the history is readable all the same. @default none */
  readonly encryption?: PayloadEncryption;
  /** What messages travel over. @default a `MemoryTransport` of its own */
  readonly transport?: Transport;
  /** What stands before the contract's subjects. @default none */
  readonly namespace?: string;
  /** How much the history holds. @default 10000 messages, 32 MiB */
  readonly history?: HistoryLimits;
  /** Time and randomness of everything in the pair; a `FakeClock` stands still. @default the runtime's */
  readonly clock?: Clock;
  /** Hears what goes wrong on both sides. @default silent */
  readonly logger?: Logger;
}

/** A connected client and a started server of one contract, with a history and faults between them. */
export interface TestPair<C extends Contract> extends AsyncDisposable {
  /** Connected. */
  readonly client: MessagingClient<C>;
  /** Started. */
  readonly server: MessagingServer<C>;
  /** What they share; another client or server of the test may join it, and it loses the broker on purpose. */
  readonly transport: TestTransport<C>;
  /** What was sent, in order. */
  readonly history: MessageHistory<C>;
  /** The requests of the history: what came, and what comes next. */
  readonly requests: MessageLog<SentRequests<C>>;
  /** The events of the history: what came, and what comes next. */
  readonly events: MessageLog<SentEvents<C>>;
  /** Makes messages fail, late, lost or doubled on purpose. */
  readonly faults: Faults<C>;
  /**
   * Connects another client, as somebody else; it leaves with the pair.
   *
   * @throws {MessagingError} as `connect` of a client
   */
  connectAs(caller: TestCaller | undefined): Promise<MessagingClient<C>>;
}

/**
 * Starts a server and connects a client of one contract, over memory where nothing else is said. `await using` stops both.
 * Callers are known by a test authenticator: `as: ["clerk"]` is somebody with that role.
 *
 * @throws {TypeError} for options that cannot work
 * @throws {MessagingError} what `connect()` and `start()` throw, over another transport than memory
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { createContract } from "@magicbutton/messaging";
 * import { createTestPair } from "@magicbutton/messaging/testing";
 *
 * const clock = createContract({
 *   name: "clock",
 *   version: "1.0.0",
 *   requests: { now: { request: v.object({ zone: v.string() }), response: v.object({ iso: v.string() }) } },
 *   events: { ticked: v.object({ at: v.number() }) },
 * });
 * await using pair = await createTestPair(clock, { handlers: { now: () => ({ iso: "2026-11-24T10:00:00Z" }) } });
 * console.log(await pair.client.request("now", { zone: "UTC" }));
 * await pair.server.broadcast("ticked", { at: 1 });
 * console.log((await pair.events.next("ticked")).data.at);
 * ```
 */
export async function createTestPair<C extends Contract>(
  contract: C,
  options: TestPairOptions<C> = {},
): Promise<TestPair<C>> {
  const { handlers = {}, as, client: clientOptions, server: serverOptions } = options;
  const { authenticate, tokenFor } = createTestAuthenticator();
  const logged = given({ logger: options.logger });
  const common = given({ namespace: options.namespace, encryption: options.encryption, clock: options.clock });
  const transport = new TestTransport({
    contract,
    ...common,
    ...logged,
    ...given({ transport: options.transport, history: options.history }),
  });
  const server = createMessagingServer<C>({
    ...logged,
    authenticate,
    ...serverOptions,
    ...common,
    contract,
    transport,
  });
  if (typeof handlers === "function") await handlers(server);
  else registerAll(server, handlers);
  const clients = new Set<MessagingClient<C>>();
  const connect = async (caller: TestCaller | undefined): Promise<MessagingClient<C>> => {
    const token = caller === undefined ? {} : { token: tokenFor(caller) };
    const client = createMessagingClient<C>({ ...logged, ...clientOptions, ...common, ...token, contract, transport });
    await client.connect();
    clients.add(client);
    return client;
  };
  const dispose = async (): Promise<void> => {
    await transport.reconnect();
    await Promise.all([...clients].map((client) => client.disconnect()));
    const stopping = server.stop({ graceMs: 0 });
    if (options.clock instanceof FakeClock) await advanceUntil(options.clock, stopping);
    await stopping;
  };
  try {
    await server.start({ partial: true });
    const client = await connect(as);
    const { history, faults } = transport;
    const { requests, events } = history;
    return {
      client,
      server,
      transport,
      history,
      requests,
      events,
      faults,
      connectAs: connect,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A clock that stands still would never end the wait for a handler that hangs. */
async function advanceUntil(clock: FakeClock, promise: Promise<void>): Promise<void> {
  let isSettled = false;
  void promise.finally(() => {
    isSettled = true;
  });
  while (!isSettled) await clock.advance(0);
}

function registerAll<C extends Contract>(server: MessagingServer<C>, handlers: TestHandlers<C>): void {
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined) {
      server.registerHandler(name as RequestName<C>, handler as RequestHandler<C, RequestName<C>>);
    }
  }
}

/** Without what is not given: an option that is `undefined` is another thing than none. */
function given<Options extends object>(options: Options): { [Key in keyof Options]?: NonNullable<Options[Key]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
