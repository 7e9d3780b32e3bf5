import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, createMessagingClient, createMessagingServer } from "../../mod.ts";
import type { Contract, MessagingServer, Transport } from "../../mod.ts";
import { contractStreams } from "../../src/durable/contract-streams.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { recordingLogger } from "./scene.ts";

const event = { schema: v.object({ id: v.string() }), durable: true } as const;
const kept = { schema: v.object({ id: v.string() }), durable: { maxMessages: 1_000 } } as const;

const first = createContract({ name: "parcels", version: "1.0.0", events: { sent: event } });
const second = createContract({ name: "parcels", version: "1.1.0", events: { sent: event, lost: event } });
const sideways = createContract({ name: "parcels", version: "1.1.1", events: { sent: event, found: event } });
const limited = createContract({ name: "parcels", version: "1.2.0", events: { sent: kept, lost: kept } });
const call = { timeoutMs: 5_000, operation: "a test's call" };

let rooms = 0;

/** Servers of versions of one contract, at one broker under a namespace of their own. */
class Versions implements AsyncDisposable {
  readonly namespace = `versions${rooms += 1}`;
  readonly #connect: () => Transport;
  readonly #left: (() => Promise<unknown>)[] = [];

  constructor(connect: () => Transport) {
    this.#connect = connect;
  }

  server<C extends Contract>(contract: C): MessagingServer<C> {
    const transport = this.#connect();
    const server = createMessagingServer({ contract, transport, namespace: this.namespace });
    this.#left.push(() => server.stop());
    return server;
  }

  async started<C extends Contract>(contract: C): Promise<MessagingServer<C>> {
    const server = this.server(contract);
    await server.start();
    return server;
  }

  /** Reads an event of a version. */
  async reader<C extends Contract>(contract: C, name: string): Promise<string[]> {
    const client = createMessagingClient({ contract, transport: this.#connect(), namespace: this.namespace });
    this.#left.push(() => client.disconnect());
    await client.connect();
    const seen: string[] = [];
    const subscribe = client.subscribe as unknown as (
      name: string,
      options: object,
      handler: (data: { id: string }) => void,
    ) => { ready: Promise<void> };
    await subscribe(name, { durable: "desk", from: "all" }, ({ id }) => void seen.push(id)).ready;
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#left.map((leave) => leave()));
  }
}

/** What becomes of a contract's stream while one version follows the other. */
export function versions({ name, connect }: DurableKind): void {
  describe(`${name}: versions of a contract with durable events`, (test) => {
    test("a version with one more event starts beside the one before, and both go on", async () => {
      await using scene = new Versions(connect);
      const old = await scene.started(first);
      await old.broadcast("sent", { id: "1" });
      const seen = await scene.reader(first, "sent");
      const now = await scene.started(second);
      await now.broadcast("lost", { id: "2" });
      await now.broadcast("sent", { id: "3" });
      await old.broadcast("sent", { id: "4" });
      const lost = await scene.reader(second, "lost");
      await until("all events", () => seen.length === 3 && lost.length === 1);
      assert.equal([seen, lost], [["1", "3", "4"], ["2"]]);
    });

    test("a subscriber to the new event may be there before a server is that adds it", async () => {
      await using scene = new Versions(connect);
      await scene.started(first);
      const lost = await scene.reader(second, "lost");
      const now = await scene.started(second);
      await now.broadcast("lost", { id: "1" });
      await until("the event", () => lost.length === 1);
    });

    test("the version before starts again after the next one, and takes none of its events away", async () => {
      await using scene = new Versions(connect);
      const old = await scene.started(first);
      const now = await scene.started(second);
      await old.stop();
      const again = await scene.started(first);
      await again.broadcast("sent", { id: "1" });
      await now.broadcast("lost", { id: "2" });
      assert.equal((await now.broadcast("lost", { id: "3" })).sequence, 3);
    });

    test("two versions that start at once both have their events stored", async () => {
      for (let round = 0; round < 5; round++) {
        await using scene = new Versions(connect);
        await scene.started(first);
        const [left, right] = [scene.server(second), scene.server(sideways)];
        await Promise.all([left.start(), right.start()]);
        const connection = await connect().open();
        const store = await connection.eventStore!();
        // Not through the servers, which would add again what is missing.
        const body = new TextEncoder().encode('{"id":"1"}');
        const { name: stream } = contractStreams(second, scene.namespace).events;
        for (const one of ["sent", "lost", "found"]) {
          const subject = `${scene.namespace}.parcels.v1.event.${one}`;
          await store.store(subject, body, { ...call, stream, messageId: `${one}-1` });
        }
        await connection.close();
      }
    });

    test("other limits are refused, and no subject is added then", async () => {
      await using scene = new Versions(connect);
      await scene.started(first);
      await expectRejection(scene.server(limited).start(), {
        code: "UNSUPPORTED",
        message: /maxMessages: 1000 is wanted, none is there$/,
      });
      const connection = await connect().open();
      const store = await connection.eventStore!();
      const { events } = contractStreams(first, scene.namespace);
      await store.ensureStream({ ...events, sharedRoot: undefined }, call);
      await connection.close();
    });

    test("a stream that stores what is not the contract's is refused as it is", async () => {
      for (
        const strange of ["elsewhere.>", "parcels.v1.event.>", "parcels.v1.event.*.here", "parcels.v1.request.sent"]
      ) {
        await using scene = new Versions(connect);
        const connection = await connect().open();
        const store = await connection.eventStore!();
        const { events } = contractStreams(first, scene.namespace);
        const subjects = [`${scene.namespace}.${strange}`];
        await store.ensureStream({ ...events, subjects, sharedRoot: undefined }, call);
        await expectRejection(scene.server(first).start(), {
          code: "UNSUPPORTED",
          message: /subjects: .* is wanted, /,
        });
        await store.ensureStream({ ...events, subjects, sharedRoot: undefined }, call);
        await connection.close();
      }
    });

    test("what was added is logged", async () => {
      const { logger, lines } = recordingLogger();
      await using scene = new Versions(() => connect({ logger }));
      await scene.started(first);
      await scene.started(second);
      await scene.started(first);
      const told = lines.filter(({ level, text }) => level === "info" && text === "Subjects were added to a stream");
      const { name: stream } = contractStreams(second, scene.namespace).events;
      const subjects = [`${scene.namespace}.parcels.v1.event.lost`];
      assert.equal(told.map(({ fields }) => fields), [{ stream, subjects }]);
    });
  });
}
