import * as assert from "uvu/assert";
import { parseServerAddress } from "../../src/nats/server-address.ts";
import { ServerPool } from "../../src/nats/server-pool.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

function poolOf(...urls: string[]) {
  const listed = urls.map(parseServerAddress);
  const pool = new ServerPool(listed, new FakeClock());
  const urlsOf = (turns: number): string[] => Array.from({ length: turns }, () => pool.next().url);
  return { pool, listed, urlsOf };
}

describe("ServerPool", (test) => {
  test("next() gives the listed servers in turn", () => {
    const { urlsOf } = poolOf("nats://a", "wss://b");
    assert.equal(urlsOf(3), ["nats://a:4222", "wss://b:443", "nats://a:4222"]);
  });

  test("next() keeps away from a server, where there is another", () => {
    const { pool, listed } = poolOf("nats://a", "nats://b");
    for (let turn = 0; turn < 4; turn++) assert.is(pool.next(listed[0]!).hostname, "b");
    const alone = poolOf("nats://a");
    assert.is(alone.pool.next(alone.listed[0]!).hostname, "a");
  });

  test("learn() adds a cluster's addresses once, and the next word replaces the last", () => {
    const { pool, listed, urlsOf } = poolOf("nats://a:1", "nats://b:1");
    pool.learn(["a:1", "c:1", "[::1]:2", "not an address", "", ":5"], listed[0]!);
    assert.is(pool.size, 4);
    assert.equal(urlsOf(4).sort(), ["nats://[::1]:2", "nats://a:1", "nats://b:1", "nats://c:1"]);
    pool.learn(["d:1"], listed[0]!);
    assert.equal(urlsOf(3).sort(), ["nats://a:1", "nats://b:1", "nats://d:1"]);
    pool.learn([], listed[0]!);
    assert.is(pool.size, 2);
  });

  test("learn() keeps encryption and the name of the server that told it, and hands that name on", () => {
    const { pool, listed } = poolOf("tls://broker.example.com:1");
    pool.learn(["10.0.0.2:1"], listed[0]!);
    pool.next();
    const learned = pool.next();
    assert.equal([learned.url, learned.encrypted, learned.tlsName], ["tls://10.0.0.2:1", true, "broker.example.com"]);
    pool.learn(["10.0.0.3:1"], learned);
    assert.is(pool.next(listed[0]!).tlsName, "broker.example.com");
    const byAddress = poolOf("tls://10.0.0.1:1");
    byAddress.pool.learn(["10.0.0.2:1"], byAddress.listed[0]!);
    assert.is(byAddress.pool.next(byAddress.listed[0]!).tlsName, undefined);
  });

  test("learn() takes nothing from a server behind a WebSocket", () => {
    const { pool, listed } = poolOf("wss://a");
    pool.learn(["b:1"], listed[0]!);
    assert.is(pool.size, 1);
  });

  test("failed() drops a learned server until it is told again, and never a listed one", () => {
    const { pool, listed } = poolOf("nats://a:1");
    pool.learn(["b:1"], listed[0]!);
    pool.failed(pool.next(listed[0]!));
    pool.failed(listed[0]!);
    assert.is(pool.size, 1);
    pool.learn(["b:1"], listed[0]!);
    assert.is(pool.size, 2);
  });
});
