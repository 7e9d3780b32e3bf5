import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  type Contract,
  createContract,
  createMessagingClient,
  createMessagingServer,
  type HttpFetch,
  HttpTransport,
  isMessagingError,
  type Logger,
  MemoryBroker,
  MemoryTransport,
  type MessagingClientOptions,
  type MessagingServerOptions,
  NatsTransport,
  type Transport,
} from "../../mod.ts";
import { type ContractCheckOptions, createContractCheck, describeContract } from "../../src/describe/mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { brokerPermissions } from "../../src/security/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe, type RegisterTest } from "../support/suite.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";

// How long a test's check waits for answers: less than anybody waits for a test.
const timeoutMs = 150;

interface World extends AsyncDisposable {
  transport(): Transport;
}

function orders(version: string, quantity: v.GenericSchema = v.number()): Contract {
  return createContract({
    name: "orders",
    version,
    requests: {
      place: { request: v.object({ sku: v.string(), quantity }), response: v.object({ id: v.string() }) },
      find: { request: v.object({ id: v.string() }), response: v.object({ id: v.string() }) },
    },
  });
}

const previous = orders("1.0.0");
const compatible = orders("1.1.0", v.optional(v.number()));
const breaking = orders("1.2.0", v.pipe(v.number(), v.integer(), v.minValue(1)));
const nextMajor = orders("2.0.0");

async function serve(
  world: World,
  contract: Contract,
  options: Partial<MessagingServerOptions<Contract>> = { describeContract },
): Promise<AsyncDisposable> {
  const server = createMessagingServer({ contract, transport: world.transport(), ...options });
  await server.start({ partial: true });
  return server;
}

interface Line {
  readonly message: string;
  readonly error: unknown;
}

/** Hears warnings, and resolves with the first. */
function listeningLogger(): { logger: Logger; lines: Line[]; first: Promise<Line> } {
  const lines: Line[] = [];
  const { promise: first, resolve } = withResolvers<Line>();
  const silent = (): void => {};
  const warn: Logger["warn"] = (message, fields = {}) => {
    const line = { message, error: fields["error"] };
    lines.push(line);
    resolve(line);
  };
  return { logger: { debug: silent, info: silent, warn, error: silent }, lines, first };
}

function connect(
  transport: Transport,
  check: ContractCheckOptions,
  options: Partial<MessagingClientOptions<Contract>> = {},
): { client: ReturnType<typeof createMessagingClient<Contract>>; connecting: Promise<void> } {
  const contractCheck = createContractCheck({ timeoutMs, ...check });
  const client = createMessagingClient({ contract: previous, transport, contractCheck, ...options });
  return { client, connecting: client.connect() };
}

function memoryWorld(): Promise<World> {
  const broker = new MemoryBroker();
  return Promise.resolve({
    transport: () => new MemoryTransport({ broker }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function natsWorld(): Promise<World> {
  const server = await startNatsServer();
  return {
    transport: () => new NatsTransport({ servers: server.url }),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function checkBehaviour(test: RegisterTest, openWorld: () => Promise<World>): void {
  test("lets a client connect to servers of the same contract, and of one that only adds", async () => {
    await using world = await openWorld();
    for (const contract of [orders("1.0.0"), compatible]) {
      await using _server = await serve(world, contract);
      const { logger, lines } = listeningLogger();
      const { client, connecting } = connect(world.transport(), { action: "refuse" }, { logger });
      await connecting;
      assert.is(client.status, "connected");
      await client.disconnect();
      assert.equal(lines, []);
    }
  });

  test("refuses servers that let the client down, naming what has changed", async () => {
    await using world = await openWorld();
    await using _server = await serve(world, breaking);
    const transport = world.transport();
    const { client, connecting } = connect(transport, { action: "refuse" });
    const error = await expectRejection(connecting, {
      code: "UNSUPPORTED",
      message:
        /^Contract "orders" 1\.0\.0 cannot be used with a server of 1\.2\.0: Request "place" refuses .*"quantity"/,
    });
    assert.ok(isMessagingError(error));
    const { changes } = error.data as { changes: { code: string }[] };
    assert.equal(changes.map(({ code }) => code), ["REQUEST_NARROWED"]);
    assert.is(client.status, "disconnected");
    assert.is(transport.status, "closed");
    await expectRejection(client.request("find", { id: "1" }), { code: "DISCONNECTED" });
  });

  test("connects at another try, when those servers are gone", async () => {
    await using world = await openWorld();
    const server = await serve(world, breaking);
    const { client, connecting } = connect(world.transport(), { action: "refuse" });
    await expectRejection(connecting, { code: "UNSUPPORTED" });
    await server[Symbol.asyncDispose]();
    await client.connect();
    assert.is(client.status, "connected");
    await client.disconnect();
  });

  test("refuses where one of several instances lets the client down", async () => {
    await using world = await openWorld();
    await using _first = await serve(world, previous);
    await using _second = await serve(world, compatible);
    await using _third = await serve(world, breaking);
    await expectRejection(connect(world.transport(), { action: "refuse" }).connecting, { code: "UNSUPPORTED" });
  });

  test("refuses where only another major version is served, and not beside the client's own", async () => {
    await using world = await openWorld();
    await using _next = await serve(world, nextMajor);
    await expectRejection(connect(world.transport(), { action: "refuse" }).connecting, {
      code: "UNSUPPORTED",
      message: /^No server has version 1 of contract "orders", only 2\.0\.0$/,
    });
    await using _own = await serve(world, previous);
    const { client, connecting } = connect(world.transport(), { action: "refuse" });
    await connecting;
    await client.disconnect();
  });

  test("asks only the servers of the client's own namespace", async () => {
    await using world = await openWorld();
    await using _other = await serve(world, breaking, { describeContract, namespace: "staging" });
    for (const namespace of [undefined, "staging.eu"]) {
      const { client, connecting } = connect(world.transport(), { action: "refuse" }, {
        ...(namespace === undefined ? {} : { namespace }),
      });
      await connecting;
      await client.disconnect();
    }
    await expectRejection(connect(world.transport(), { action: "refuse" }, { namespace: "staging" }).connecting, {
      code: "UNSUPPORTED",
    });
  });

  test("lets a client connect where nobody serves", async () => {
    await using world = await openWorld();
    const { client, connecting } = connect(world.transport(), { action: "refuse" });
    await connecting;
    await client.disconnect();
  });

  test("lets a client connect where a server does not tell its contract, and says so", async () => {
    await using world = await openWorld();
    await using _server = await serve(world, breaking, {});
    const { logger, lines } = listeningLogger();
    const { client, connecting } = connect(world.transport(), { action: "refuse" }, { logger });
    await connecting;
    assert.match(lines[0]!.message, /does not tell it$/);
    await client.disconnect();
  });

  test("lets a client connect where servers answer nonsense, or not in time", async () => {
    await using world = await openWorld();
    const stranger = await world.transport().open();
    const answers = ["", "{", "null", "[]", '{"name":"orders"}', '{"name":"orders","metadata":{"contract-hash":1}}'];
    const metadata = { "contract-hash": "abc", "contract-major": "1" };
    const answer = JSON.stringify({ name: "orders", id: "stranger", version: "1.9.0", metadata });
    await stranger.subscribe("$SRV.INFO.orders", {
      onMessage: ({ replySubject }) => {
        for (const text of [...answers, answer]) stranger.send(replySubject!, new TextEncoder().encode(text));
      },
    }).ready;
    // Asked for its contract, it says nothing.
    await stranger.subscribe("$SRV.SCHEMA.>", { onMessage: () => {} }).ready;
    const { client, connecting } = connect(world.transport(), { action: "refuse" });
    await connecting;
    await client.disconnect();
    await stranger.close();
  });

  test("warns, and keeps nobody waiting for it", async () => {
    await using world = await openWorld();
    await using _server = await serve(world, breaking);
    const { logger, first } = listeningLogger();
    const { client, connecting } = connect(world.transport(), { action: "warn", timeoutMs: 500 }, { logger });
    await connecting;
    assert.is(client.status, "connected");
    const { message, error } = await first;
    assert.is(message, "The servers' contract is not compatible");
    assert.ok(isMessagingError(error, "UNSUPPORTED"));
    await client.disconnect();
  });

  test("ends with the client that it checks for", async () => {
    await using world = await openWorld();
    await using _server = await serve(world, breaking);
    const { client, connecting } = connect(world.transport(), { action: "refuse", timeoutMs: 10_000 });
    const rejected = expectRejection(connecting, { code: "CANCELLED" });
    await client.disconnect();
    await rejected;
  });

  test("is asked nothing of where a client has none", async () => {
    await using world = await openWorld();
    const stranger = await world.transport().open();
    let asked = 0;
    await stranger.subscribe("$SRV.>", { onMessage: () => asked += 1 }).ready;
    const client = createMessagingClient({ contract: previous, transport: world.transport() });
    await client.connect();
    await expectRejection(client.request("find", { id: "1" }), { code: "NO_RESPONDERS" });
    await client.disconnect();
    await stranger.flush(1_000);
    assert.is(asked, 0);
    await stranger.close();
  });
}

describe("createContractCheck() over memory", (test) => {
  checkBehaviour(test, memoryWorld);

  test("refuses options that cannot work", () => {
    assert.throws(() => createContractCheck({ action: "off" as "warn" }), /"warn" or "refuse" is wanted/);
    for (const timeoutMs of [0, -1, NaN, 10_001]) {
      assert.throws(() => createContractCheck({ action: "warn", timeoutMs }), /Cannot use `timeoutMs`/);
    }
  });

  test("over HTTP refuses with UNSUPPORTED, or warns, for a gateway does not pass the question on", async () => {
    const gateway = createGateway({ contracts: [previous], transport: new MemoryTransport() });
    await gateway.start();
    const fetch: HttpFetch = (input, init) => gateway.fetch(new Request(input, init));
    const transport = (): Transport => new HttpTransport({ url: "http://127.0.0.1:9", fetch });
    await expectRejection(connect(transport(), { action: "refuse" }).connecting, {
      code: "UNSUPPORTED",
      message: /^Cannot check contract "orders": the transport cannot ask/,
    });
    const { logger, first } = listeningLogger();
    const { client, connecting } = connect(transport(), { action: "warn" }, { logger });
    await connecting;
    assert.is((await first).message, "The servers' contract could not be checked");
    await client.disconnect();
    await gateway.stop();
  });
});

describeWithNatsServer("createContractCheck() over NATS", {}, (test) => {
  checkBehaviour(test, natsWorld);

  test("works with the least permissions, and refuses with FORBIDDEN without them", async () => {
    const caller = (contractCheck: boolean): object =>
      brokerPermissions(previous, { role: [], inboxPrefix: "_INBOX_ann", contractCheck });
    const users = [
      {
        user: "service",
        password: "s",
        permissions: brokerPermissions(previous, { service: true, callerInboxPrefixes: ["_INBOX_ann"] }),
      },
      { user: "may", password: "s", permissions: caller(true) },
      { user: "may-not", password: "s", permissions: caller(false) },
    ];
    await using server = await startNatsServer({ config: `authorization ${JSON.stringify({ users })}` });
    const transport = (user: string, inboxPrefix: string): Transport =>
      new NatsTransport({ servers: server.url, authentication: { user, password: "s" }, inboxPrefix });
    const world = {
      transport: () => transport("service", "_INBOX_orders"),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using _server = await serve(world, breaking);
    await expectRejection(connect(transport("may", "_INBOX_ann"), { action: "refuse" }).connecting, {
      code: "UNSUPPORTED",
    });
    await expectRejection(connect(transport("may-not", "_INBOX_ann"), { action: "refuse" }).connecting, {
      code: "FORBIDDEN",
    });
  });
});
