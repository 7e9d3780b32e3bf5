import * as assert from "uvu/assert";
import { type ConnectionStatus, createMessagingServer, isMessagingError, safe } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { createDeskServer, deskContract, openDesk, ownNamespace, until } from "./desk.ts";
import { clientAt, serverTransport } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** What every transport does from the first connect to the last close. */
export function lifecycleBehaviour(kind: TransportKind): void {
  describe(`${kind.name}: lifecycle`, (test) => {
    test("connect() connects once, whoever calls, and status tells each change once", async () => {
      const client = clientAt(kind, { contract: deskContract });
      const changes: ConnectionStatus[] = [];
      const off = client.onStatus((status) => void changes.push(status));
      assert.is(client.status, "disconnected");
      await Promise.all([client.connect(), client.connect(), client.connect()]);
      await client.connect();
      assert.is(client.status, "connected");
      await Promise.all([client.disconnect(), client.disconnect()]);
      assert.equal(changes, ["connecting", "connected", "closed"]);
      off();
    });

    test("a transport object serves several clients and servers, and closes after the last has left", async () => {
      const namespace = ownNamespace();
      const place = { contract: deskContract, namespace };
      const transport = kind.connect(place);
      const shared: TransportKind = { ...kind, connect: () => transport, serve: () => transport };
      const refusal = kind.refuses?.serving;
      const { server: own } = createDeskServer(shared, namespace);
      if (refusal !== undefined) await expectRejection(own.start(), { code: "UNSUPPORTED", message: refusal });
      const server = refusal === undefined ? own : createDeskServer(kind, namespace).server;
      const [one, two] = [clientAt(shared, place), clientAt(shared, place)];
      await server.start();
      await Promise.all([one.connect(), two.connect()]);
      const pending = safe(one.request("wait", { ms: 1_000 }));
      await one.disconnect();
      const result = await pending;
      assert.ok(!result.ok && result.error.code === "DISCONNECTED");
      assert.is(await two.request("echo", 1), 1);
      await server.stop();
      assert.is(transport.status, "connected");
      await two.disconnect();
      assert.is(transport.status, "closed");
    });

    test("a client connects again after disconnect()", async () => {
      await using desk = await openDesk(kind);
      await desk.client.disconnect();
      await desk.client.connect();
      assert.is(await desk.client.request("echo", "back"), "back");
    });

    test("disconnect() settles every pending request", async () => {
      await using desk = await openDesk(kind, { server: { concurrency: 10, queueLimit: 1_000 } });
      const calls = Array.from({ length: 100 }, () => safe(desk.client.request("wait", { ms: 1_500 })));
      await until(() => (desk.seen.get("wait")?.length ?? 0) >= 5);
      await desk.client.disconnect();
      for (const result of await Promise.all(calls)) assert.ok(!result.ok && result.error.code === "DISCONNECTED");
    });

    test("stop() answers what it took, and later requests find nobody", async () => {
      await using desk = await openDesk(kind);
      const calls = Array.from({ length: 30 }, () => desk.client.request("wait", { ms: 60 }));
      await until(() => desk.seen.get("wait")?.length === 30);
      const stopped = desk.server.stop();
      assert.is((await Promise.all(calls)).filter((answer) => answer === "waited").length, 30);
      await stopped;
      await desk.server.stop();
      await expectRejection(desk.client.request("ping"), { code: "NO_RESPONDERS" });
    });

    test("stop() is bounded: a handler that does not end is aborted, and its caller is told", async () => {
      await using desk = await openDesk(kind);
      const call = expectRejection(desk.client.request("wait", { ms: 60_000 }, { timeoutMs: 30_000 }));
      await until(() => desk.seen.get("wait")?.length === 1);
      await desk.server.stop({ graceMs: 20 });
      assert.ok(isMessagingError(await call, "CANCELLED"));
      assert.is(desk.seen.get("aborted")?.length, 1);
    });

    test("stop() refuses a grace that is no duration, and goes on serving", async () => {
      await using desk = await openDesk(kind);
      for (const graceMs of [-1, Number.NaN, Infinity]) {
        await expectRejection(desk.server.stop({ graceMs }), { message: /graceMs/ });
      }
      assert.is(await desk.client.request("echo", 1), 1);
    });

    test("a server starts again after stop()", async () => {
      await using desk = await openDesk(kind);
      await desk.server.stop();
      await desk.server.start();
      assert.is(await desk.client.request("echo", 1), 1);
    });

    test("start() refuses a contract without all handlers, unless it is partial", async () => {
      const server = createMessagingServer({
        contract: deskContract,
        transport: serverTransport(kind),
        namespace: ownNamespace(),
      });
      await expectRejection(server.start(), { message: /no handler for order, echo, wait, ping/ });
      await server.start({ partial: true });
      await server.stop();
    });

    test("registerHandler() refuses unknown names, second handlers and late ones", async () => {
      const { server } = createDeskServer(kind, ownNamespace());
      // @ts-expect-error -- the name is not in the contract
      assert.throws(() => server.registerHandler("nothing", () => {}), /no request "nothing"/);
      assert.throws(() => server.registerHandler("ping", () => undefined), /a handler already/);
      await server.start();
      await server.stop();
    });

    test("broadcast() before start() rejects with DISCONNECTED", async () => {
      const { server } = createDeskServer(kind, ownNamespace());
      await expectRejection(server.broadcast("opened", { at: 1 }), { code: "DISCONNECTED", message: /start\(\)/ });
    });
  });
}
