import * as assert from "uvu/assert";
import {
  createMessagingClient,
  createMessagingServer,
  NatsTransport,
  type NatsTransportOptions,
  silentLogger,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { echo } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { freePort } from "../support/free-port.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { until } from "../support/until.ts";

const password = (text: string) => `authorization { users: [{ user: ann, password: "${text}" }] }`;

function clientOf(options: NatsTransportOptions) {
  const client = createMessagingClient({ contract: echo, transport: new NatsTransport(options) });
  const statuses: string[] = [];
  client.onStatus((status) => void statuses.push(status));
  return { client, statuses };
}

describeWithNatsServer("connect()", {}, (test) => {
  test("fails at once when no server can be reached, and can be called again", async () => {
    await using broker = await startNatsServer();
    await broker.kill();
    const { client, statuses } = clientOf({ servers: broker.url });
    await expectRejection(client.connect(), { code: "DISCONNECTED", message: /Cannot connect to nats:/ });
    await broker.restart();
    await client.connect();
    await client.disconnect();
    assert.equal(statuses, ["connecting", "disconnected", "connecting", "connected", "closed"]);
  });

  test("waits for a broker that comes later, where that is wanted", async () => {
    await using broker = await startNatsServer();
    await broker.kill();
    const { client, statuses } = clientOf({ servers: broker.url, waitOnFirstConnect: true });
    const server = createMessagingServer({
      contract: echo,
      transport: new NatsTransport({ servers: broker.url, waitOnFirstConnect: true }),
    });
    server.registerHandler("say", (request) => request);
    const ready = Promise.all([client.connect(), server.start({ partial: true })]);
    await until("the reason", () => statuses.length === 2);
    await broker.restart();
    await ready;
    assert.equal(await client.request("say", { text: "at last" }), { text: "at last" });
    await Promise.all([client.disconnect(), server.stop()]);
    assert.equal(statuses, ["connecting", "connecting", "connected", "closed"]);
  });

  test("tells whoever waits why, each reason once, by status and by the loggers of client and server", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    await broker.kill();
    const told: string[] = [];
    const tell = (who: string) => (status: string, error?: Error) => {
      told.push(`${who} ${status} ${/refuse\w+/.exec(error?.message ?? "")?.[0]}`);
    };
    const warned: string[] = [];
    const loggerOf = (who: string) => ({
      ...silentLogger,
      warn: (text: string, fields?: Readonly<Record<string, unknown>>) => {
        assert.is(text, `The ${who} is not connected yet, and goes on trying`);
        warned.push(`${who} ${(fields!["error"] as Error).message}`);
      },
    });
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: { user: "ann", password: "new" },
      waitOnFirstConnect: true,
    });
    const client = createMessagingClient({ contract: echo, transport, logger: loggerOf("client") });
    const server = createMessagingServer({ contract: echo, transport, logger: loggerOf("server") });
    client.onStatus(tell("client"));
    server.onStatus(tell("server"));
    const connected = client.connect();
    await until("the client's first reason", () => warned.length === 1);
    // One who joins the wait hears what is known already.
    const ready = Promise.all([connected, server.start({ partial: true })]);
    await until("the server's first reason", () => warned.length === 2);
    await broker.restart();
    await until("the second reason", () => warned.length === 4);
    await broker.reload(password("new"));
    await ready;
    const refused = `Cannot connect to ${broker.url}: connection refused`;
    const violation = "The broker refuses the connection: Authorization Violation";
    assert.equal(warned.sort(), [
      `client ${refused}`,
      `client ${violation}`,
      `server ${refused}`,
      `server ${violation}`,
    ]);
    for (const who of ["client", "server"]) {
      assert.equal(told.filter((line) => line.startsWith(who)), [
        `${who} connecting undefined`,
        `${who} connecting refused`,
        `${who} connecting refuses`,
        `${who} connected undefined`,
      ]);
    }
    await Promise.all([client.disconnect(), server.stop()]);
  });

  test("names the reason of each of several servers", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    const away = `nats://127.0.0.1:${await freePort()}`;
    const gone = "nats://nats.invalid:4222";
    const authentication = { user: "ann", password: "new" };
    const refused = `Cannot connect to ${away}: connection refused`;
    const violation = `${broker.url}: The broker refuses the connection: Authorization Violation`;
    await expectRejection(clientOf({ servers: [away, gone] }).client.connect(), {
      code: "DISCONNECTED",
      message: new RegExp(`^No server could be connected to: ${refused}; Cannot connect to ${gone}: .*nats.invalid$`),
    });
    await expectRejection(clientOf({ servers: [away, broker.url], authentication }).client.connect(), {
      code: "UNAUTHENTICATED",
      message: new RegExp(`^No server could be connected to: ${refused}; ${violation}$`),
    });
    const many = await Promise.all(Array.from({ length: 10 }, async () => `nats://127.0.0.1:${await freePort()}`));
    await expectRejection(clientOf({ servers: many }).client.connect(), {
      code: "DISCONNECTED",
      message: /^No server could be connected to: (Cannot connect to [^;]+; ){8}2 more$/,
    });
  });

  test("waits also for a user that the broker does not know yet", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    const warned: string[] = [];
    const { client } = clientOf({
      servers: broker.url,
      waitOnFirstConnect: true,
      authentication: { user: "ann", password: "new" },
      logger: { debug: () => {}, info: () => {}, warn: (text) => void warned.push(text), error: () => {} },
    });
    const connecting = client.connect();
    await until("the refusal", () => warned.length > 0);
    await broker.reload(password("new"));
    await connecting;
    assert.is(warned.length, 1, "the same refusal is told once");
    await client.disconnect();
  });

  test("stops waiting by its signal, and by disconnect()", async () => {
    const servers = `nats://127.0.0.1:${await freePort()}`;
    const signalled = clientOf({ servers, waitOnFirstConnect: true });
    const abort = new AbortController();
    const first = signalled.client.connect({ signal: abort.signal });
    const other = clientOf({ servers, waitOnFirstConnect: true });
    const second = other.client.connect();
    await until("the wait", () => [signalled, other].every(({ client }) => client.status === "connecting"));
    const start = performance.now();
    abort.abort();
    await expectRejection(first, { code: "CANCELLED" });
    await other.client.disconnect();
    await expectRejection(second, { code: "CANCELLED" });
    assert.ok(performance.now() - start < 500);
    assert.equal([signalled.client.status, other.client.status], ["disconnected", "closed"]);
  });

  test("does not wait for what cannot pass", async () => {
    await using old = await startStrangeServer((socket) => void socket.write('INFO {"headers":false}\r\n'));
    const { client } = clientOf({ servers: `nats://127.0.0.1:${old.port}`, waitOnFirstConnect: true });
    await expectRejection(client.connect(), { code: "UNSUPPORTED", message: /headers/ });
  });

  test("that is given up does not wait for credentials that never come", async () => {
    await using broker = await startNatsServer({ config: password("old") });
    let asked = 0;
    const { client } = clientOf({
      servers: broker.url,
      connectTimeoutMs: 60_000,
      authentication: () => (asked += 1, new Promise<never>(() => {})),
    });
    const connecting = client.connect();
    await until("the question", () => asked === 1);
    const start = performance.now();
    await client.disconnect();
    await expectRejection(connecting, { code: "CANCELLED" });
    assert.ok(performance.now() - start < 500);
  });
});
