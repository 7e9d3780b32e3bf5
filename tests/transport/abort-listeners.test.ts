import * as assert from "uvu/assert";
import { AbortListeners } from "../../src/transport/abort-listeners.ts";
import { countedSignal } from "../support/counted-signal.ts";
import { describe } from "../support/suite.ts";

describe("AbortListeners", (test) => {
  test("calls everyone who listens, once", () => {
    const aborts = new AbortListeners();
    const controller = new AbortController();
    const heard: string[] = [];
    for (const name of ["one", "two", "three"]) aborts.listen(controller.signal, () => heard.push(name));
    controller.abort();
    controller.abort();
    assert.equal(heard, ["one", "two", "three"]);
  });

  test("calls nobody who has stopped, also while the others are called", () => {
    const aborts = new AbortListeners();
    const controller = new AbortController();
    const heard: string[] = [];
    const stopGone = aborts.listen(controller.signal, () => heard.push("gone"));
    aborts.listen(controller.signal, () => stopNext());
    const stopNext = aborts.listen(controller.signal, () => heard.push("next"));
    stopGone();
    controller.abort();
    assert.equal(heard, []);
  });

  test("puts one listener on a signal, and takes it away with the last who stops", () => {
    const aborts = new AbortListeners();
    const { signal, listeners } = countedSignal();
    const stops = Array.from({ length: 100 }, () => aborts.listen(signal, () => {}));
    assert.is(listeners(), 1);
    for (const stop of stops.slice(1)) stop();
    assert.is(listeners(), 1);
    stops[0]!();
    stops[0]!();
    assert.is(listeners(), 0);
    aborts.listen(signal, () => {});
    assert.is(listeners(), 1, "it may begin again");
  });

  test("keeps signals apart", () => {
    const aborts = new AbortListeners();
    const [one, other] = [new AbortController(), new AbortController()];
    const heard: string[] = [];
    aborts.listen(one.signal, () => heard.push("one"));
    aborts.listen(other.signal, () => heard.push("other"));
    other.abort();
    assert.equal(heard, ["other"]);
  });
});
