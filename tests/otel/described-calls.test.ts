import assert from "node:assert/strict";
import type { OperationCall } from "../../src/contract/operation-call.ts";
import { DescribedCalls } from "../../src/otel/described-calls.ts";
import { describe } from "../support/suite.ts";

function call(destination: string, rest: Partial<OperationCall<undefined>> = {}): OperationCall<undefined> {
  return { kind: "event", action: "process", operation: "moved", destination, data: 1, context: undefined, ...rest };
}

describe("DescribedCalls", (test) => {
  test("describes the calls of one operation by one object", () => {
    const calls = new DescribedCalls({});
    assert.equal(calls.of(call("a.{b}", { data: 1 })), calls.of(call("a.{b}", { data: 2 })));
  });

  test("tells actions and queue groups apart", () => {
    const calls = new DescribedCalls({});
    const groups = [undefined, "one", "other"].map((queueGroup) => {
      return calls.of(call("a", { queueGroup })).attributes["messaging.consumer.group.name"];
    });
    assert.deepEqual(groups, [undefined, "one", "other"]);
    assert.equal(calls.of(call("a", { action: "receive" })).spanName, "receive a");
  });

  test("forgets what it knows where there are too many destinations", () => {
    const calls = new DescribedCalls({});
    const first = calls.of(call("tenant0.a"));
    for (let tenant = 1; tenant <= 1_023; tenant++) calls.of(call(`tenant${tenant}.a`));
    assert.equal(calls.of(call("tenant0.a")), first);
    calls.of(call("tenant1024.a"));
    assert.notEqual(calls.of(call("tenant0.a")), first);
  });

  test("does not let the program's attributes replace its own", () => {
    const { attributes } = new DescribedCalls({ "messaging.operation.name": "mine", "server.port": 4222 }).of(
      call("a"),
    );
    assert.equal(attributes["messaging.operation.name"], "process");
    assert.equal(attributes["server.port"], 4222);
  });
});
