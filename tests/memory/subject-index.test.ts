import * as assert from "uvu/assert";
import { SubjectIndex } from "../../src/memory/subject-index.ts";
import { describe } from "../support/suite.ts";

/** What a subject is found by, of these patterns. */
function found(subject: string, patterns: readonly string[]): string[] {
  const index = new SubjectIndex();
  for (const pattern of patterns) index.add({ subject: pattern });
  return index.find(subject).map((listener) => listener.subject);
}

describe("SubjectIndex", (test) => {
  const matching = [
    ["a.b", "a.b"],
    ["a.*", "a.b"],
    ["*.b", "a.b"],
    ["a.>", "a.b"],
    ["a.>", "a.b.c"],
    [">", "a"],
    [
      "*",
      "a",
    ],
    ["a.b.*", "a.b.c"],
    ["*.*", "a.b"],
  ] as const;
  const others = [
    ["a.b", "a.c"],
    ["a", "a.b"],
    ["a.b", "a"],
    ["a.*", "a"],
    ["a.*", "a.b.c"],
    ["a.>", "a"],
    [
      "*",
      "a.b",
    ],
    ["A", "a"],
    ["*.*", "a.b.c"],
    ["a.b.*", "a.b"],
  ] as const;

  test("find() lets * stand for one token and a last > for one or more, whatever else is listened to", () => {
    for (const beside of [[], ["no.*"], ["no.>"], ["no.*", "no.*.no", "no"]]) {
      for (const [pattern, subject] of matching) {
        assert.equal(found(subject, [...beside, pattern]), [pattern], `${pattern} ${subject}`);
      }
      for (const [pattern, subject] of others) {
        assert.equal(found(subject, [...beside, pattern]), [], `${pattern} ${subject}`);
      }
    }
  });

  test("find() gives everyone who listens, and nobody who was deleted", () => {
    const index = new SubjectIndex();
    const listeners = ["a.b", "a.b", "a.*", "a.*", "*.b", ">"].map((subject) => ({ subject }));
    for (const listener of listeners) index.add(listener);
    assert.equal(new Set(index.find("a.b")), new Set(listeners));
    const before = index.find("a.b");
    for (const listener of [listeners[0]!, listeners[2]!, listeners[4]!]) index.delete(listener);
    index.delete(listeners[0]!);
    assert.is(before.length, 6, "a list that was given does not change");
    assert.equal(new Set(index.find("a.b")), new Set([listeners[1], listeners[3], listeners[5]]));
    for (const listener of listeners) index.delete(listener);
    assert.equal(index.find("a.b"), []);
  });
});
