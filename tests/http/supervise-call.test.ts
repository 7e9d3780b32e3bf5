import * as assert from "uvu/assert";
import { MessagingError } from "../../mod.ts";
import type { GatewayCaller } from "../../src/http/call-gateway.ts";
import { type CallSupervisor, superviseCall } from "../../src/http/supervise-call.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";

const caller: GatewayCaller = {
  address: { url: "https://gateway.test", mayShowToken: true },
  fetch: () => new Promise(() => {}),
};

function never({ signal }: CallSupervisor): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

describe("superviseCall()", (test) => {
  test("gives what the call gives, and leaves no timer and no listener", async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const value = await superviseCall({ caller, clock, what: "It", ending: ending.signal }, ({ allowSilence }) => {
      allowSilence(100);
      return Promise.resolve(7);
    });
    assert.equal([value, clock.timersWaiting], [7, 0]);
    ending.abort();
  });

  test("ends the call at once where its ending has come before", async () => {
    const reason = new MessagingError("CANCELLED", "Too late");
    const options = { caller, clock: new FakeClock(), what: "It", ending: AbortSignal.abort(reason) };
    await expectRejection(superviseCall(options, never), { code: "CANCELLED" });
  });

  test("ends the call after silence, and not before, however early a timer fires", async () => {
    const clock = new FakeClock();
    let supervisor!: CallSupervisor;
    const options = { caller, clock, what: "It", operation: "moved", ending: new AbortController().signal };
    const call = superviseCall(options, (given) => {
      supervisor = given;
      given.allowSilence(100);
      return never(given);
    });
    clock.advance(99);
    supervisor.heard();
    clock.advance(99);
    assert.not.ok(supervisor.signal.aborted);
    clock.fireEarly(0.5);
    assert.not.ok(supervisor.signal.aborted);
    clock.advance(1);
    await expectRejection(call, { code: "DISCONNECTED", message: /^It has heard nothing for 100 ms$/ });
    assert.is(clock.timersWaiting, 0);
  });

  test("counts anew from where another silence is allowed", async () => {
    const clock = new FakeClock();
    const options = { caller, clock, what: "It", ending: new AbortController().signal };
    let supervisor!: CallSupervisor;
    const call = superviseCall(options, (given) => {
      supervisor = given;
      given.allowSilence(100);
      return never(given);
    });
    clock.advance(50);
    supervisor.allowSilence(1_000);
    clock.advance(999);
    assert.not.ok(supervisor.signal.aborted);
    clock.advance(1);
    await expectRejection(call, { message: /nothing for 1000 ms/ });
  });

  test("tells what the network fails with as DISCONNECTED, with the reason as its cause", async () => {
    const options = { caller, clock: new FakeClock(), what: "It", ending: new AbortController().signal };
    const reason = new TypeError("fetch failed");
    const error = await expectRejection(superviseCall(options, () => Promise.reject(reason)), {
      code: "DISCONNECTED",
      message: /https:\/\/gateway\.test cannot be reached/,
    });
    assert.is((error as Error).cause, reason);
  });
});
