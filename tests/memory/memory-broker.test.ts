import * as assert from "uvu/assert";
import { MemoryBroker, type TransportMessage } from "../../mod.ts";
import { isNoResponders } from "../../src/message/header-block.ts";
import { describe } from "../support/suite.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function setUp() {
  const broker = new MemoryBroker();
  const heard: string[] = [];
  const listen = (name: string, subject: string, queueGroup?: string) =>
    broker.subscribe({
      subject,
      queueGroup,
      deliver: (message) => heard.push(`${name} ${new TextDecoder().decode(message.body)}`),
    });
  const publish = (subject: string, text: string): void => broker.publish({ subject, body: bytes(text) });
  return { broker, heard, listen, publish };
}

/** How often each name is among the entries. */
function counts(heard: string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const entry of heard) {
    const name = entry.split(" ")[0]!;
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

describe("MemoryBroker", (test) => {
  test("delivers to everyone whose subject fits, in the order of publication, after the publisher's turn", async () => {
    const { broker, heard, listen, publish } = setUp();
    listen("exact", "a.b");
    listen("star", "a.*");
    listen("all", ">");
    listen("other", "a.c");
    publish("a.b", "1");
    publish("a.b", "2");
    assert.equal(heard, [], "not inside publish()");
    await broker.delivered();
    assert.equal(heard, ["exact 1", "star 1", "all 1", "exact 2", "star 2", "all 2"]);
  });

  test("keeps the order over many subjects and publishers", async () => {
    const { broker, heard, listen, publish } = setUp();
    listen("all", ">");
    const texts = Array.from({ length: 1_000 }, (_, index) => String(index));
    for (const [index, text] of texts.entries()) publish(`s.${index % 7}`, text);
    await broker.delivered();
    assert.equal(heard, texts.map((text) => `all ${text}`));
  });

  test("delivers nothing to a listener that was taken away, also while messages are on their way", async () => {
    const { broker, heard, listen, publish } = setUp();
    const stop = listen("gone", "a");
    listen("stays", "a");
    publish("a", "1");
    stop();
    stop();
    await broker.delivered();
    assert.equal(heard, ["stays 1"]);
  });

  test("gives each message to one member of a queue group, and to all without a group", async () => {
    const { broker, heard, listen, publish } = setUp();
    for (const name of ["one", "two", "three"]) listen(name, "a", "group");
    listen("alone", "a");
    for (let index = 0; index < 30; index++) publish("a", "x");
    await broker.delivered();
    assert.equal(counts(heard), { one: 10, two: 10, three: 10, alone: 30 });
  });

  test("shares evenly in every one of several groups", async () => {
    const { broker, heard, listen, publish } = setUp();
    for (const group of ["a", "b"]) for (const member of ["1", "2"]) listen(group + member, "s", group);
    for (let index = 0; index < 20; index++) publish("s", "x");
    await broker.delivered();
    assert.equal(counts(heard), { a1: 10, a2: 10, b1: 10, b2: 10 });
  });

  test("shares evenly where messages to two services take turns", async () => {
    const { broker, heard, listen, publish } = setUp();
    for (const member of ["1", "2"]) {
      listen(`orders${member}`, "orders", "service");
      listen(`stock${member}`, "stock", "service");
    }
    for (let index = 0; index < 20; index++) publish(index % 2 === 0 ? "orders" : "stock", "x");
    await broker.delivered();
    assert.equal(counts(heard), { orders1: 5, orders2: 5, stock1: 5, stock2: 5 });
  });

  test("counts members with different subjects as one group, as nats-server does", async () => {
    const { broker, heard, listen, publish } = setUp();
    listen("exact", "a.b", "group");
    listen("star", "a.*", "group");
    for (let index = 0; index < 10; index++) publish("a.b", "x");
    await broker.delivered();
    assert.equal(counts(heard), { exact: 5, star: 5 });
  });

  test("tells a requester at once that nobody listens, and nobody else", async () => {
    const { broker, heard, listen, publish } = setUp();
    const replies: TransportMessage[] = [];
    broker.subscribe({ subject: "_INBOX.me.*", deliver: (message) => replies.push(message) });
    broker.publish({ subject: "nobody", replySubject: "_INBOX.me.1", body: bytes("?") });
    publish("nobody", "no reply is wanted");
    await broker.delivered();
    await broker.delivered();
    assert.is(replies.length, 1);
    assert.is(replies[0]?.subject, "_INBOX.me.1");
    assert.ok(isNoResponders(replies[0]?.headerBlock, replies[0]!.body));
    listen("now", "nobody");
    broker.publish({ subject: "nobody", replySubject: "_INBOX.me.2", body: bytes("?") });
    await broker.delivered();
    assert.equal(heard, ["now ?"]);
    assert.is(replies.length, 1);
  });

  test("copies the bytes: what the publisher does to them afterwards changes nothing", async () => {
    const broker = new MemoryBroker();
    const received: TransportMessage[] = [];
    broker.subscribe({ subject: "a", deliver: (message) => received.push(message) });
    const [body, headerBlock] = [bytes("body"), bytes("NATS/1.0\r\na: 1\r\n\r\n")];
    broker.publish({ subject: "a", body, headerBlock });
    body.fill(0);
    headerBlock.fill(0);
    await broker.delivered();
    assert.equal(received[0]?.body, bytes("body"));
    assert.equal(received[0]?.headerBlock, bytes("NATS/1.0\r\na: 1\r\n\r\n"));
  });
});
