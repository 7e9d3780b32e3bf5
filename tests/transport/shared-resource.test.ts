import * as assert from "uvu/assert";
import { SharedResource } from "../../src/transport/shared-resource.ts";
import { type PromiseEnds, withResolvers } from "../../src/transport/with-resolvers.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

interface Opening extends PromiseEnds<string> {
  readonly signal: AbortSignal;
}

/** A resource whose openings end when a test says so. */
function setUp() {
  const openings: Opening[] = [];
  const closed: string[] = [];
  const waiting: (() => void)[] = [];
  const closings: PromiseEnds<void>[] = [];
  const shared = new SharedResource<string>({
    open: (signal) => {
      const ends = withResolvers<string>();
      openings.push({ ...ends, signal });
      for (const wake of waiting.splice(0)) wake();
      return ends.promise;
    },
    close: (resource) => {
      closed.push(resource);
      const closing = closings.shift();
      return closing?.promise ?? Promise.resolve();
    },
  });
  /** The opening with this number, as soon as it has begun. */
  const opening = async (index: number): Promise<Opening> => {
    while (openings.length <= index) await new Promise<void>((begun) => waiting.push(begun));
    return openings[index]!;
  };
  return { shared, openings, opening, closed, closings };
}

describe("SharedResource", (test) => {
  test("opens once for all who join at the same time, and closes once after the last has left", async () => {
    const { shared, openings, opening, closed } = setUp();
    const joins = [shared.join(), shared.join(), shared.join()];
    (await opening(0)).resolve("one");
    const [first, second, third] = await Promise.all(joins);
    assert.equal([first!.resource, second!.resource, third!.resource], ["one", "one", "one"]);
    await first!.leave();
    await first!.leave();
    await second!.leave();
    assert.equal(closed, []);
    await third!.leave();
    assert.equal(closed, ["one"]);
    assert.is(openings.length, 1);
  });

  test("opens anew after it was closed, not before the closing has ended", async () => {
    const { shared, openings, opening, closings } = setUp();
    const closing = withResolvers<void>();
    closings.push(closing);
    const join = shared.join();
    (await opening(0)).resolve("one");
    const left = (await join).leave();
    const again = shared.join();
    await Promise.resolve().then(() => {}).then(() => {});
    assert.is(openings.length, 1);
    closing.resolve();
    await left;
    (await opening(1)).resolve("two");
    assert.is((await again).resource, "two");
  });

  test("an abort ends its own caller's wait and leaves the others waiting", async () => {
    const { shared, opening, closed } = setUp();
    const controller = new AbortController();
    const impatient = shared.join(controller.signal);
    const patient = shared.join();
    const { resolve, signal } = await opening(0);
    controller.abort(new Error("enough"));
    const error = await expectRejection(impatient, { code: "CANCELLED" }) as Error & { execution: string };
    assert.is((error.cause as Error).message, "enough");
    assert.is(error.execution, "not-executed");
    assert.not.ok(signal.aborted);
    resolve("one");
    await (await patient).leave();
    assert.equal(closed, ["one"]);
  });

  test("an abort by all who wait aborts the opening", async () => {
    const { shared, opening, closed } = setUp();
    const controllers = [new AbortController(), new AbortController()];
    const joins = controllers.map(({ signal }) => shared.join(signal));
    const { signal, reject } = await opening(0);
    controllers[0]!.abort();
    assert.not.ok(signal.aborted);
    controllers[1]!.abort();
    for (const join of joins) await expectRejection(join, { code: "CANCELLED" });
    assert.ok(signal.aborted);
    reject(new Error("aborted"));
    const next = shared.join();
    (await opening(1)).resolve("two");
    assert.is((await next).resource, "two");
    assert.equal(closed, []);
  });

  test("closes what still opened after all had gone", async () => {
    const { shared, opening, closed } = setUp();
    const controller = new AbortController();
    const join = shared.join(controller.signal);
    const { resolve } = await opening(0);
    controller.abort();
    await expectRejection(join, { code: "CANCELLED" });
    resolve("one");
    const next = shared.join();
    (await opening(1)).resolve("two");
    await next;
    assert.equal(closed, ["one"]);
  });

  test("a signal that was aborted before opens nothing", async () => {
    const { shared, openings } = setUp();
    await expectRejection(shared.join(AbortSignal.abort()), { code: "CANCELLED" });
    assert.is(openings.length, 0);
  });

  test("a signal that aborts in the moment of opening gives no resource", async () => {
    const { shared, opening, closed } = setUp();
    const controller = new AbortController();
    const join = shared.join(controller.signal);
    (await opening(0)).resolve("one");
    controller.abort();
    await expectRejection(join, { code: "CANCELLED" });
    const next = shared.join();
    (await opening(1)).resolve("two");
    await next;
    assert.equal(closed, ["one"]);
  });

  test("an opening that fails fails for all who wait, and the next to join tries anew", async () => {
    const { shared, openings, opening, closed } = setUp();
    const joins = [shared.join(), shared.join()];
    const failure = new Error("nobody there");
    (await opening(0)).reject(failure);
    for (const join of joins) assert.is(await expectRejection(join), failure);
    const again = shared.join();
    (await opening(1)).resolve("two");
    assert.is((await again).resource, "two");
    assert.is(openings.length, 2);
    assert.equal(closed, []);
  });

  test("who joins again at once after a failure does not get the same failure", async () => {
    const { shared, opening } = setUp();
    const again = shared.join().catch(() => shared.join());
    const slower = shared.join(new AbortController().signal);
    (await opening(0)).reject(new Error("nobody there"));
    (await opening(1)).resolve("two");
    assert.is((await again).resource, "two");
    await expectRejection(slower, { message: /^nobody there$/ });
  });

  test("an abort after joining changes nothing", async () => {
    const { shared, opening, closed } = setUp();
    const controller = new AbortController();
    const join = shared.join(controller.signal);
    const { resolve, signal } = await opening(0);
    resolve("one");
    const { leave } = await join;
    controller.abort();
    assert.not.ok(signal.aborted);
    assert.equal(closed, []);
    await leave();
    assert.equal(closed, ["one"]);
  });
});
