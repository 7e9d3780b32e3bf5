import * as assert from "uvu/assert";
import type { ResolvedAuthentication } from "../../src/nats/authentication.ts";
import { CredentialsRefresh } from "../../src/nats/credentials-refresh.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

/** A source of credentials that live so long from when they are asked for. */
function setUp(lifeMs: () => number | undefined) {
  const clock = new FakeClock(0);
  const start = clock.date();
  const asked: number[] = [];
  const fresh: number[] = [];
  const failures: unknown[] = [];
  const refresh = new CredentialsRefresh({
    clock,
    ask: () => {
      asked.push(clock.now());
      const life = lifeMs();
      if (life === undefined) return Promise.reject(new Error("no credentials"));
      const credentials: ResolvedAuthentication = {
        credentials: { kind: "none" },
        tls: undefined,
        expiresAt: clock.date() + life,
      };
      return Promise.resolve(credentials);
    },
    onFresh: ({ expiresAt }) => {
      fresh.push(expiresAt! - start);
      refresh.schedule(expiresAt);
    },
    onFailure: (error) => failures.push(error),
  });
  const advance = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += 10) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, refresh, asked, fresh, failures, advance, at: (ms: number) => start + ms };
}

describe("CredentialsRefresh", (test) => {
  test("asks when seven tenths of their life have passed, again and again", async () => {
    const { refresh, asked, fresh, advance, at } = setUp(() => 1_000);
    refresh.schedule(at(1_000));
    await advance(2_200);
    assert.equal(asked, [700, 1_400, 2_100]);
    assert.equal(fresh, [1_700, 2_400, 3_100]);
  });

  test("asks again, sooner and sooner, as long as it gets none that last longer", async () => {
    let life: number | undefined;
    const { refresh, asked, fresh, failures, advance, at } = setUp(() => life);
    refresh.schedule(at(1_000));
    await advance(900);
    assert.equal(asked, [700]);
    assert.is(failures.length, 1);
    life = 0;
    await advance(20);
    assert.is(asked.length, 2);
    assert.equal(fresh, []);
    life = 5_000;
    await advance(60);
    assert.is(asked.length, 3);
    assert.is(fresh.length, 1);
  });

  test("stops asking shortly before their end: the broker ends the connection, and the next dial asks", async () => {
    const { refresh, asked, advance, at, clock } = setUp(() => undefined);
    refresh.schedule(at(1_000));
    await advance(3_000);
    assert.is(asked.length, 3);
    assert.is(clock.timersWaiting, 0);
  });

  test("does nothing for credentials without an end, or past it, and after stop()", async () => {
    const { refresh, asked, advance, at, clock } = setUp(() => 1_000);
    refresh.schedule(undefined);
    refresh.schedule(at(-5));
    assert.is(clock.timersWaiting, 0);
    refresh.schedule(at(1_000));
    refresh.stop();
    await advance(2_000);
    assert.equal(asked, []);
  });

  test("forgets an answer that comes after stop()", async () => {
    const { refresh, fresh, clock, at } = setUp(() => 1_000);
    refresh.schedule(at(1_000));
    clock.advance(700);
    refresh.stop();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(fresh, []);
    assert.is(clock.timersWaiting, 0);
  });

  test("waits as long as it takes for credentials that live longer than any timer", async () => {
    const { refresh, asked, clock, at } = setUp(() => 1_000);
    const year = 365 * 86_400_000;
    refresh.schedule(at(year));
    clock.fireEarly(0.6 * year);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked, []);
    assert.is(clock.timersWaiting, 1);
  });
});
