import * as assert from "uvu/assert";
import { type EventContext, type EventGap, isMessagingError } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { deskContract, openDesk, until } from "./desk.ts";
import { clientAt } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

/** What every transport does with events. */
export function eventBehaviour(kind: TransportKind): void {
  describe(`${kind.name}: events`, (test) => {
    test("subscribe() hears every event in order, with its context", async () => {
      await using desk = await openDesk(kind);
      const heard: [number, string][] = [];
      await desk.client.subscribe("opened", ({ at }, { event }) => void heard.push([at, event])).ready;
      for (let at = 0; at < 50; at++) await desk.server.broadcast("opened", { at });
      await until(() => heard.length === 50);
      assert.equal(heard, Array.from({ length: 50 }, (_, at) => [at, "opened"]));
    });

    test("subscribe() with parameters hears only those events, and knows all parameters", async () => {
      await using desk = await openDesk(kind);
      const heard: [string, Readonly<Record<string, string>>][] = [];
      const take = ({ id }: { id: string }, { params }: EventContext): void => void heard.push([id, params]);
      await desk.client.subscribe("moved", { params: { region: "eu west.1*>" } }, take).ready;
      await desk.server.broadcast("moved", { id: "a", region: "eu west.1*>", step: 1 });
      await desk.server.broadcast("moved", { id: "b", region: "us", step: 1 });
      await desk.server.broadcast("moved", { id: "c", region: "eu west.1*>", step: -2.5 });
      // Events of one subscription come in order, also over HTTP: whoever hears the last was spared the one before.
      await until(() => heard.length === 2);
      assert.equal(heard.map(([id, params]) => [id, { ...params }]), [
        ["a", { region: "eu west.1*>", step: "1" }],
        ["c", { region: "eu west.1*>", step: "-2.5" }],
      ]);
    });

    test("subscribe() gives every subscriber every event, and one per queue group", async () => {
      await using desk = await openDesk(kind);
      const counts = { alone: 0, other: 0, group: 0 };
      const second = clientAt(kind, { contract: deskContract, namespace: desk.namespace });
      await using _ = second;
      await second.connect();
      await Promise.all([
        desk.client.subscribe("opened", () => void counts.alone++).ready,
        second.subscribe("opened", () => void counts.other++).ready,
      ]);
      const inGroup = [desk.client, second].map((client) => {
        return client.subscribe("opened", { queueGroup: "mailers" }, () => void counts.group++).ready;
      });
      const refusal = kind.refuses?.queueGroups;
      if (refusal === undefined) await Promise.all(inGroup);
      else for (const ready of inGroup) await expectRejection(ready, { code: "UNSUPPORTED", message: refusal });
      const groupHears = refusal === undefined ? 40 : 0;
      for (let at = 0; at < 40; at++) await desk.server.broadcast("opened", { at });
      await until(() => counts.alone === 40 && counts.other === 40 && counts.group >= groupHears);
      assert.equal(counts, { alone: 40, other: 40, group: groupHears });
    });

    test("subscribe() before connect() hears events after it", async () => {
      await using desk = await openDesk(kind);
      const early = clientAt(kind, { contract: deskContract, namespace: desk.namespace });
      await using _ = early;
      const heard: number[] = [];
      const subscription = early.subscribe("opened", ({ at }) => void heard.push(at));
      await early.connect();
      await subscription.ready;
      await desk.server.broadcast("opened", { at: 1 });
      await until(() => heard.length === 1);
    });

    test("unsubscribe() ends it, waits for the handler that runs, and nothing is heard after it", async () => {
      await using desk = await openDesk(kind);
      let running = 0;
      let heard = 0;
      const subscription = desk.client.subscribe("opened", async () => {
        running += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        heard += 1;
      });
      await subscription.ready;
      await desk.server.broadcast("opened", { at: 1 });
      await until(() => running === 1);
      await subscription.unsubscribe();
      assert.equal([running, heard], [0, 1]);
      await desk.server.broadcast("opened", { at: 2 });
      await desk.client.request("ping");
      assert.is(heard, 1);
    });

    test("subscribe() goes on after a handler threw or rejected, and says so", async () => {
      await using desk = await openDesk(kind);
      const errors: unknown[] = [];
      const heard: number[] = [];
      const subscription = desk.client.subscribe(
        "opened",
        { onError: (error) => void errors.push(error) },
        ({ at }) => {
          if (at === 0) throw new Error("thrown");
          if (at === 1) return Promise.reject(new Error("rejected"));
          heard.push(at);
        },
      );
      await subscription.ready;
      for (const at of [0, 1, 2]) await desk.server.broadcast("opened", { at });
      await until(() => heard.length === 1);
      assert.equal(errors.map((error) => (error as Error).message), ["thrown", "rejected"]);
    });

    test("subscribe() runs handlers in order, one at a time unless told otherwise, and tells what it dropped", async () => {
      await using desk = await openDesk(kind);
      let most = 0;
      let running = 0;
      const heard: [number, number][] = [];
      const dropped: unknown[] = [];
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      const options = { queueLimit: 3, onError: (error: unknown) => void dropped.push(error) };
      const subscription = desk.client.subscribe("opened", options, async ({ at }, { missed }) => {
        running += 1;
        most = Math.max(most, running);
        await gate;
        heard.push([at, missed]);
        running -= 1;
      });
      await subscription.ready;
      for (let at = 0; at < 10; at++) await desk.server.broadcast("opened", { at });
      await until(() => dropped.length === 6);
      open();
      await until(() => heard.length === 4);
      assert.is(most, 1);
      assert.equal(heard, [[0, 0], [7, 6], [8, 0], [9, 0]]);
      assert.ok(dropped.every((error) => isMessagingError(error, "BUSY")));
    });

    test("subscribe() with a queueLimit of 0 drops what comes while its handler runs, and says so", async () => {
      await using desk = await openDesk(kind);
      const heard: [number, number][] = [];
      let dropped = 0;
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      const options = { queueLimit: 0, onError: () => void dropped++ };
      await desk.client.subscribe("opened", options, async ({ at }, { missed }) => {
        heard.push([at, missed]);
        await gate;
      }).ready;
      for (let at = 0; at < 4; at++) await desk.server.broadcast("opened", { at });
      await until(() => dropped === 3);
      open();
      await desk.client.request("ping");
      await desk.server.broadcast("opened", { at: 4 });
      await until(() => heard.length === 2);
      assert.equal(heard, [[0, 0], [4, 3]]);
    });

    test("subscribe() drops the newest where it is told to, and tells of the gap in its place", async () => {
      await using desk = await openDesk(kind);
      const notes: string[] = [];
      let dropped = 0;
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      const options = {
        queueLimit: 2,
        overflow: "drop-newest",
        onError: () => void dropped++,
        onGap: ({ reason, missed }: EventGap) => void notes.push(`${reason} ${missed}`),
      } as const;
      await desk.client.subscribe("opened", options, async ({ at }, { missed }) => {
        notes.push(`${at} after ${missed}`);
        await gate;
      }).ready;
      for (let at = 0; at < 6; at++) await desk.server.broadcast("opened", { at });
      await until(() => dropped === 3);
      open();
      await until(() => notes.length === 4);
      await desk.server.broadcast("opened", { at: 6 });
      await until(() => notes.length === 5);
      assert.equal(notes, ["0 after 0", "1 after 0", "2 after 0", "overflow 3", "6 after 3"]);
    });

    test("subscribe() ends with BUSY where it is told to, and handles what came before", async () => {
      await using desk = await openDesk(kind);
      const heard: number[] = [];
      const errors: unknown[] = [];
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => open = resolve);
      const options = {
        queueLimit: 2,
        overflow: "disconnect",
        onError: (error: unknown) => void errors.push(error),
      } as const;
      const subscription = desk.client.subscribe("opened", options, async ({ at }) => {
        await gate;
        heard.push(at);
      });
      await subscription.ready;
      for (let at = 0; at < 6; at++) await desk.server.broadcast("opened", { at });
      await until(() => errors.length > 0);
      open();
      await until(() => heard.length === 3);
      await desk.server.broadcast("opened", { at: 6 });
      await desk.client.request("ping");
      assert.equal(heard, [0, 1, 2]);
      assert.is(errors.length, 1);
      assert.ok(isMessagingError(errors[0], "BUSY"));
      await expectRejection(subscription.ready, { code: "BUSY" });
      await subscription.unsubscribe();
    });

    test("events() ends with BUSY where it is told to, after what came before", async () => {
      await using desk = await openDesk(kind);
      const stream = desk.client.events("opened", { queueLimit: 2, overflow: "disconnect" });
      await stream.ready;
      let last = 0;
      await desk.client.subscribe("opened", ({ at }) => void (last = at)).ready;
      for (let at = 1; at <= 6; at++) await desk.server.broadcast("opened", { at });
      await until(() => last === 6);
      const heard: number[] = [];
      const reading = (async () => {
        for await (const { data } of stream) heard.push(data.at);
      })();
      await expectRejection(reading, { code: "BUSY" });
      assert.equal(heard, [1, 2, 3]);
      assert.equal(await stream.next(), { done: true, value: undefined });
    });

    test("broadcast() refuses an event that does not fit, and nothing is sent", async () => {
      await using desk = await openDesk(kind);
      let heard = 0;
      await desk.client.subscribe("opened", () => void heard++).ready;
      // @ts-expect-error -- at is a number
      await expectRejection(desk.server.broadcast("opened", { at: "now" }), { code: "INVALID_EVENT" });
      await expectRejection(desk.server.broadcast("moved", { id: "a", region: "", step: 1 }), {
        code: "INVALID_EVENT",
      });
      await expectRejection(desk.server.broadcast("moved", { id: "a", region: "x".repeat(5_000), step: 1 }), {
        code: "INVALID_EVENT",
      });
      await desk.server.broadcast("opened", { at: 1 });
      await until(() => heard === 1);
    });

    test("events() gives events as they come and ends with break", async () => {
      await using desk = await openDesk(kind);
      const stream = desk.client.events("opened");
      await stream.ready;
      for (let at = 0; at < 5; at++) await desk.server.broadcast("opened", { at });
      const heard: number[] = [];
      for await (const { data } of stream) {
        heard.push(data.at);
        if (heard.length === 3) break;
      }
      assert.equal(heard, [0, 1, 2]);
      assert.equal(await stream.next(), { done: true, value: undefined });
    });

    test("events() ends with its signal, and with disconnect()", async () => {
      await using desk = await openDesk(kind);
      const abort = new AbortController();
      const first = desk.client.events("opened", { signal: abort.signal });
      const second = desk.client.events("opened");
      const ends = [first.next(), second.next()];
      abort.abort();
      assert.equal(await ends[0], { done: true, value: undefined });
      await desk.client.disconnect();
      assert.equal(await ends[1], { done: true, value: undefined });
    });

    test("events() that nobody reads stays bounded and says what it dropped", async () => {
      await using desk = await openDesk(kind);
      const stream = desk.client.events("opened", { queueLimit: 2 });
      await stream.ready;
      let last = 0;
      await desk.client.subscribe("opened", ({ at }) => void (last = at)).ready;
      for (let at = 1; at <= 10; at++) await desk.server.broadcast("opened", { at });
      await until(() => last === 10);
      const heard: [number, number][] = [];
      for await (const { data, context } of stream) {
        heard.push([data.at, context.missed]);
        if (data.at === 10) break;
      }
      assert.equal(heard, [[1, 0], [9, 7], [10, 0]]);
    });
  });
}
