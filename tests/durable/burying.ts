import * as assert from "uvu/assert";
import { MessagingError } from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { contractStreams } from "../../src/durable/contract-streams.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { DurableKind } from "./durable-kind.ts";
import { withFullLetters } from "./failing-letters.ts";
import { lettersOf, openScene, orders, untilLetters } from "./scene.ts";

/** Whatever the order of keys. */
function isDeepEqual(one: object, other: object): boolean {
  const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort());
  return sorted(one) === sorted(other);
}

const key = (fill: number): string => btoa(String.fromCharCode(...new Uint8Array(32).fill(fill)));
const sound = "NATS/1.0\r\nX-Desk: 4\r\n\r\n";

/** What becomes of events that cannot be handled. */
export function burying({ name, connect, publishRaw }: DurableKind): void {
  describe(`${name}: a dead letter`, (test) => {
    test("is written once for each kind of poison, and what is sent again after the fix is handled", async () => {
      const encryption = createPayloadEncryption({ keys: { k: key(1) }, current: "k", required: false });
      const strangers = createPayloadEncryption({ keys: { other: key(2) }, current: "other" });
      await using scene = await openScene(connect, { encryption });
      const subject = `${scene.namespace}.orders.v1.event.orderPaid`;
      const binding = { subject: "orders.v1.event.orderPaid", direction: "event", requestId: "" } as const;
      let fixed = false;
      const seen: string[] = [];
      const other: string[] = [];
      const options = { from: "all", concurrency: 4, maxAttempts: 2, backoffMs: [1] } as const;
      await scene.client.subscribe("orderPaid", { ...options, durable: "billing" }, ({ id }) => {
        if (id === "throws" && !fixed) throw new MessagingError("OUT_OF_STOCK", "No more of 7");
        seen.push(id);
      }).ready;
      await scene.client.subscribe("orderPaid", { ...options, durable: "shipping" }, ({ id }) => void other.push(id))
        .ready;
      for (let id = 0; id < 20; id++) await scene.server.broadcast("orderPaid", { id: String(id) });
      await publishRaw(subject, '{"id":12}', sound);
      await publishRaw(subject, '{"id":"header"}', "NATS/1.0\r\nX-Desk: 4\r\nno colon\r\n\r\n");
      await publishRaw(subject, '{"id":', sound);
      const sealed = await strangers.seal(new TextEncoder().encode('{"id":"sealed"}'), binding);
      await publishRaw(
        subject,
        String.fromCharCode(...sealed.body).replace(/[^\0-\x7f]/g, "?"),
        `NATS/1.0\r\nMb-Encryption: ${sealed.header}\r\n\r\n`,
      );
      await scene.server.broadcast("orderPaid", { id: "throws" });
      for (let id = 20; id < 40; id++) await scene.server.broadcast("orderPaid", { id: String(id) });

      const letters = await untilLetters(scene.client, "orderPaid", 5);
      await until("the others", () => seen.length === 40 && other.length === 41);
      const shown = letters.map((
        { reason, detail, attempts, sequence, headers },
      ) => [sequence, reason, detail, attempts, headers.get("X-Desk")]);
      assert.equal(shown.sort(([one], [next]) => Number(one) - Number(next)), [
        [21, "INVALID_EVENT", "It does not fit the event's schema in one place", 1, "4"],
        [22, "MALFORMED_MESSAGE", "Cannot read a message: a header of it has no sound name and value", 1, "4"],
        [23, "MALFORMED_MESSAGE", "Cannot read a message: its body is not JSON", 1, "4"],
        [24, "DECRYPTION_FAILED", "It cannot be decrypted", 1, undefined],
        [25, "OUT_OF_STOCK", "The handler threw MessagingError at attempt 2", 2, undefined],
      ]);
      assert.equal(new Set(letters.map(({ subject: where }) => where)), new Set([subject]));
      assert.equal((await lettersOf(scene.client, "orderPaid", "shipping")).length, 4);

      fixed = true;
      const mended = letters.filter(({ sequence }) => sequence === 22 || sequence === 25);
      for (const letter of mended) {
        await letter.redrive();
        await letter.redrive();
      }
      await until("the mended", () => seen.length === 42);
      assert.equal(seen.slice(40).sort(), ["header", "throws"]);
      assert.is(other.length, 41);
      const left = await lettersOf(scene.client, "orderPaid");
      assert.equal(left.map(({ sequence }) => sequence).sort(), [21, 23, 24]);
      for (const letter of left) await letter.discard();
      assert.equal(await lettersOf(scene.client, "orderPaid"), []);
    });

    test("of an event that no reader could decrypt is handled by one that has the key", async () => {
      const strangers = createPayloadEncryption({ keys: { other: key(2) }, current: "other" });
      await using scene = await openScene(connect, { encryption: strangers });
      const without = await scene.join(createPayloadEncryption({ keys: { k: key(1) }, current: "k" }));
      const seen: unknown[] = [];
      const subscription = without.subscribe(
        "orderPaid",
        { durable: "billing", from: "all" },
        ({ id }) => void seen.push(id),
      );
      await subscription.ready;
      await scene.server.broadcast("orderPaid", { id: "7" }, { id: "paid-7" });
      const [letter] = await untilLetters(scene.client, "orderPaid", 1);
      assert.equal([letter!.reason, { ...letter!.event }], ["DECRYPTION_FAILED", { id: "7" }]);
      await subscription.unsubscribe();
      await scene.client.subscribe("orderPaid", { durable: "billing" }, ({ id }, context) => {
        seen.push(id, context.id, context.redelivered, context.sequence, context.subject);
      }).ready;
      await letter!.redrive();
      await until("the event", () => seen.length > 0);
      assert.equal(seen, ["7", letter!.id, true, 1, `${scene.namespace}.orders.v1.event.orderPaid`]);
      assert.match(letter!.id, /^[\w-]{22}:paid-7$/);
    });

    test("is logged with the event it was, as is each attempt before", async () => {
      await using scene = await openScene(connect);
      await publishRaw(`${scene.namespace}.orders.v1.event.orderPaid`, '{"id":', "NATS/1.0\r\nno colon\r\n\r\n");
      const { sequence } = await scene.server.broadcast("orderPaid", { id: "7" }, { id: "paid-7" });
      const options = { durable: "billing", from: "all", maxAttempts: 2, backoffMs: [1] } as const;
      await scene.client.subscribe("orderPaid", options, () => {
        throw new RangeError("The price of 7 is secret");
      }).ready;
      const letters = await untilLetters(scene.client, "orderPaid", 2);
      const { id } = letters.find((letter) => letter.sequence === sequence)!;
      const warnings = scene.lines.filter(({ level }) => level === "warn").map(({ text, fields }) => {
        const { error: _, ...others } = fields;
        return { text, ...others };
      });
      const known = { event: "orderPaid", durable: "billing" };
      const attempt = { ...known, text: "An event was not handled" };
      const letter = { ...known, text: "An event became a dead letter" };
      const detail = "The handler threw RangeError at attempt 2";
      const unread = "Cannot read a message: a header of it has no sound name and value";
      const lost = { id: undefined, sequence: 1 };
      const expected = [
        { ...attempt, ...lost, attempt: 1, deadLetter: true },
        { ...letter, ...lost, attempts: 1, reason: "MALFORMED_MESSAGE", detail: unread },
        { ...attempt, id, sequence, attempt: 1, deadLetter: false },
        { ...attempt, id, sequence, attempt: 2, deadLetter: true },
        { ...letter, id, sequence, attempts: 2, reason: "INTERNAL", detail },
      ];
      assert.is(warnings.length, expected.length);
      for (const line of expected) {
        assert.ok(warnings.some((warning) => isDeepEqual(warning, line)), JSON.stringify(line));
      }
    });

    test("that fails again is a letter again, of the event it was", async () => {
      await using scene = await openScene(connect);
      const subscription = scene.client.subscribe(
        "orderPaid",
        { durable: "billing", from: "all", maxAttempts: 1 },
        () => {
          throw new TypeError("no");
        },
      );
      await subscription.ready;
      await scene.server.broadcast("orderPaid", { id: "7" });
      const [first] = await untilLetters(scene.client, "orderPaid", 1);
      await first!.redrive();
      // The first is taken away already.
      const [second] = await untilLetters(scene.client, "orderPaid", 1);
      const facts = (
        { id, sequence, subject, event }: NonNullable<typeof first>,
      ): unknown => [id, sequence, subject, event];
      assert.equal(JSON.stringify(facts(second!)), JSON.stringify(facts(first!)));
      const store = await scene.connection.eventStore!();
      const call = { timeoutMs: 5_000, operation: "look" };
      const query = { sequence: 1, subject: `${scene.namespace}.orders.v1.redrive.*.*` };
      await until(
        "what was sent again to be taken out",
        async () => await store.read(`${scene.stream}=DEAD`, query, call) === undefined,
      );
    });

    test("that was discarded is not sent again by who had listed it before", async () => {
      await using scene = await openScene(connect);
      const seen: string[] = [];
      let fixed = false;
      const options = { durable: "billing", from: "all", maxAttempts: 1 } as const;
      await scene.client.subscribe("orderPaid", options, ({ id }) => {
        if (!fixed) throw new TypeError("no");
        seen.push(id);
      }).ready;
      await scene.server.broadcast("orderPaid", { id: "7" });
      const [letter] = await untilLetters(scene.client, "orderPaid", 1);
      const [same] = await lettersOf(scene.client, "orderPaid");
      fixed = true;
      await same!.discard();
      await letter!.redrive();
      const store = await scene.connection.eventStore!();
      const { last } = await store.bounds(`${scene.stream}=DEAD`, { timeoutMs: 5_000, operation: "look" });
      assert.is(last, 1);
      assert.equal(seen, []);
    });

    test("that cannot be written loses nothing, and its handler does not run again", async () => {
      let full = true;
      await using scene = await openScene(() => withFullLetters(connect(), () => full));
      let runs = 0;
      const errors: Error[] = [];
      const onError = (error: Error): void => void errors.push(error);
      await scene.client.subscribe("orderPaid", { durable: "billing", from: "all", maxAttempts: 1, onError }, () => {
        runs += 1;
        throw new TypeError("no");
      }).ready;
      await scene.server.broadcast("orderPaid", { id: "7" });
      await until("two vain attempts", () => errors.length >= 3);
      assert.equal(await lettersOf(scene.client, "orderPaid"), []);
      full = false;
      const letters = await untilLetters(scene.client, "orderPaid", 1);
      assert.equal(letters.map(({ reason, attempts, event }) => [reason, attempts, event?.id]), [["INTERNAL", 1, "7"]]);
      assert.is(runs, 1);
      assert.equal([(errors[0] as Error).name, (errors[1] as MessagingError).code], ["TypeError", "BUSY"]);
    });

    test("is written for an event that was delivered often and never settled, without another run", async () => {
      await using scene = await openScene(connect);
      await scene.server.broadcast("orderPaid", { id: "7" });
      let deliveries = 0;
      const store = await scene.connection.eventStore!();
      const dying = store.consume({
        stream: contractStreams(orders, scene.namespace).events,
        subject: `${scene.namespace}.orders.v1.event.orderPaid`,
        consumer: "billing=orderPaid",
        from: "all",
        window: 4,
        ackWaitMs: 150,
        exclusive: false,
        onState: () => {},
        onDelivery: (delivery) => {
          deliveries = delivery.deliveries;
          if (deliveries < 15) void delivery.retryLater(0);
        },
      });
      await dying.ready;
      await until("fifteen deliveries", () => deliveries === 15);
      await dying.stop();
      let runs = 0;
      const options = { durable: "billing", maxAttempts: 1, ackWaitMs: 150 } as const;
      await scene.client.subscribe("orderPaid", options, () => void (runs += 1)).ready;
      const [letter] = await untilLetters(scene.client, "orderPaid", 1);
      assert.equal([letter!.reason, letter!.detail, runs], [
        "ABANDONED",
        "It was delivered 16 times and never settled",
        0,
      ]);
    });
  });
}
