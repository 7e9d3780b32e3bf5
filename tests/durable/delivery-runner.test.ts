import * as assert from "uvu/assert";
import * as v from "valibot";
import { type Contract, createContract, MemoryTransport, MessagingError } from "../../mod.ts";
import { contractStreams } from "../../src/durable/contract-streams.ts";
import { DeadLetterWriter } from "../../src/durable/dead-letter-writer.ts";
import type { DeliverySource } from "../../src/durable/delivery-run.ts";
import { DeliveryRunner } from "../../src/durable/delivery-runner.ts";
import { InOrder } from "../../src/durable/in-order.ts";
import { SettledMemory } from "../../src/durable/settled-memory.ts";
import { StoredEventReader } from "../../src/durable/stored-event-reader.ts";
import type { Delivery } from "../../src/transport/event-store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { orders } from "./scene.ts";

interface RunnerScene {
  readonly runner: DeliveryRunner;
  readonly source: DeliverySource;
  readonly handled: string[];
  /** Lets the handlers that wait end. */
  readonly release: () => void;
  /** A delivery that writes what becomes of it; with `lost`, the broker cannot be told. */
  readonly delivery: (name: string, fields?: Partial<Delivery>, lost?: boolean) => Delivery;
  readonly outcomes: string[];
}

async function openRunner(contract: Contract = orders, orderedBy?: string): Promise<RunnerScene> {
  const connection = await new MemoryTransport().open();
  const { deadLetters } = contractStreams(contract, undefined);
  const operation = contract.events.get("orderPaid")!;
  const source = { stream: "ORDERS_V1", sentAgain: false, running: new Map(), settled: new SettledMemory<never>() };
  const handled: string[] = [];
  const outcomes: string[] = [];
  const waiting: (() => void)[] = [];
  const runner = new DeliveryRunner([source], {
    operation,
    durable: "billing",
    reader: new StoredEventReader({
      operation,
      prefix: operation.subject,
      relative: (subject) => subject,
      encryption: undefined,
    }),
    letters: new DeadLetterWriter({
      store: await connection.eventStore!(),
      stream: deadLetters.name,
      subject: "orders.v1.dead.orderPaid.billing",
      consumer: "billing=orderPaid",
      event: "orderPaid",
    }),
    handle: (data) => {
      handled.push((data as { id: string }).id);
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
    concurrency: 1,
    maxAttempts: 5,
    backoffMs: undefined,
    orderedBy,
    ackWaitMs: 30_000,
    onDone: () => {},
    onError: (error) => void outcomes.push(String(error)),
    onBuried: ({ id }) => void outcomes.push(`${id} is a dead letter`),
    clock: new FakeClock(),
  });
  return {
    runner,
    source,
    handled,
    outcomes,
    release: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    delivery: (name, fields = {}, lost = false) => {
      const settle = (word: string): Promise<void> => {
        outcomes.push(`${name} ${word}`);
        return lost ? Promise.reject(new MessagingError("DISCONNECTED", "The connection is away")) : Promise.resolve();
      };
      return {
        subject: operation.subject,
        headerBlock: undefined,
        body: new TextEncoder().encode('{"id":"7"}'),
        sequence: 1,
        publishedAt: 1_700_000_000_000,
        deliveries: 1,
        ...fields,
        acknowledge: () => settle("acknowledged"),
        retryLater: () => settle("again"),
        discard: () => settle("discarded"),
        keepAlive: () => {},
      };
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("A delivery runner", (test) => {
  test("handles an event once that is delivered anew while it is being handled, and acknowledges the newest", async () => {
    const { runner, source, handled, outcomes, release, delivery } = await openRunner();
    runner.receive(source, delivery("first"));
    runner.receive(source, delivery("second", { deliveries: 2 }));
    release();
    await settled();
    assert.equal([handled, outcomes], [["7"], ["second acknowledged"]]);
    assert.is(source.running.size, 0);
  });

  test("acknowledges again, without another run, an event of whose acknowledgement the broker may not have heard", async () => {
    const { runner, source, handled, outcomes, release, delivery } = await openRunner();
    runner.receive(source, delivery("first", {}, true));
    release();
    await settled();
    runner.receive(source, delivery("second", { deliveries: 2 }));
    await settled();
    assert.equal([handled, outcomes], [["7"], ["first acknowledged", "second acknowledged"]]);
    runner.receive(source, delivery("third", { deliveries: 3 }));
    assert.is(handled.length, 2);
    release();
  });

  test("acknowledges what is delivered anew while its acknowledgement is on its way", async () => {
    const { runner, source, handled, outcomes, release, delivery } = await openRunner();
    const first = delivery("first");
    runner.receive(source, { ...first, acknowledge: () => new Promise(() => {}) });
    release();
    await settled();
    runner.receive(source, delivery("second", { deliveries: 2 }));
    await settled();
    assert.equal([handled, outcomes], [["7"], ["second acknowledged"]]);
  });

  test("handles an event of a stream that was made anew and counts from 1 again", async () => {
    const { runner, source, handled, release, delivery } = await openRunner();
    runner.receive(source, delivery("first", {}, true));
    release();
    await settled();
    runner.receive(source, delivery("other", { publishedAt: 1_700_000_000_001 }));
    assert.is(handled.length, 2);
    release();
  });

  test("handles events whose field of order is neither text nor number one after another", async () => {
    const contract = createContract({
      name: "orders",
      version: "1.0.0",
      events: { orderPaid: { schema: v.object({ id: v.any() }), durable: true } },
    });
    const { runner, source, handled, outcomes, release, delivery } = await openRunner(contract, "id");
    const body = new TextEncoder().encode('{"id":{"toString":7}}');
    runner.receive(source, delivery("first", { body }));
    runner.receive(source, delivery("second", { body, sequence: 2 }));
    assert.is(handled.length, 1);
    for (let round = 0; round < 2; round++) {
      release();
      await settled();
    }
    assert.equal(outcomes, ["first acknowledged", "second acknowledged"]);
  });

  test("gives back what comes when it was stopped", async () => {
    const { runner, source, handled, outcomes, delivery } = await openRunner();
    await runner.stop(0);
    runner.receive(source, delivery("late"));
    assert.equal([handled, outcomes], [[], ["late again"]]);
  });
});

describe("InOrder", (test) => {
  test("takes what is there at once behind what it waits for", async () => {
    const order = new InOrder();
    const taken: unknown[] = [];
    const take = (value: unknown): void => void taken.push(value);
    const fail = (error: unknown): void => void taken.push((error as Error).message);
    order.add(() => 1, take, fail);
    assert.equal(taken, [1]);
    order.add(() => settled().then(settled).then(() => 2), take, fail);
    order.add(() => settled().then(() => Promise.reject(new Error("no 3"))), take, fail);
    order.add(() => 4, take, fail);
    order.add(
      () => {
        throw new Error("no 5");
      },
      take,
      fail,
    );
    for (let turn = 0; turn < 6; turn++) await settled();
    order.add(() => 6, take, fail);
    assert.equal(taken, [1, "no 5", 2, "no 3", 4, 6]);
  });
});
