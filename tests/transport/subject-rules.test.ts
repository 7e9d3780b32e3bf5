import * as assert from "uvu/assert";
import { isMessagingError } from "../../mod.ts";
import {
  checkPublishSubject,
  checkQueueGroup,
  checkSubscribeSubject,
  isPublishSubject,
  isReplySubject,
} from "../../src/transport/subject-rules.ts";
import { describe } from "../support/suite.ts";

const plain = ["a", "a.b.c", "A-1_=.$SRV.PING", "!#%&'()+,/:;<?@[]^`{|}~", "a".repeat(1_024)];
const wildcards = ["*", "a.*", "*.b.*", "a.>", ">", "*.>"];
const never = [
  "",
  ".",
  ".a",
  "a.",
  "a..b",
  "a b",
  "a\tb",
  "a\r\nPUB b 0\r\n",
  "a\n",
  "a\0",
  "é",
  "a\x7f",
  "a*",
  "*a",
  "a>",
  "a.>.b",
  ">.a",
  "**",
  "a".repeat(1_025),
];

function refuses(check: () => void, message: RegExp): void {
  assert.throws(check, (error: Error) => {
    assert.ok(isMessagingError(error, "INVALID_REQUEST"), String(error));
    assert.match(error.message, message);
    return true;
  });
}

describe("checkPublishSubject()", (test) => {
  test("takes tokens of printable ASCII between dots", () => {
    for (const subject of plain) checkPublishSubject(subject);
  });

  test("refuses wildcards, and everything that could end the protocol line", () => {
    for (const subject of [...wildcards, ...never]) {
      refuses(() => checkPublishSubject(subject), /^Cannot publish to a subject: ".*" is not one NATS would take/);
    }
  });

  test("shows a subject escaped and cut, so that it forges no line of a log", () => {
    refuses(() => checkPublishSubject(`a\r\n${"b".repeat(2_000)}`), /^Cannot publish to a subject: "a\\r\\nb{61}" is/);
  });

  test("is done with 100,000 characters at once", () => {
    const startedAt = performance.now();
    for (const piece of ["a", "a.", "*.", "a b"]) assert.not.ok(isPublishSubject(piece.repeat(100_000)));
    assert.ok(performance.now() - startedAt < 200);
  });
});

describe("checkSubscribeSubject()", (test) => {
  test("takes plain subjects, * as a token and > as the last", () => {
    for (const subject of [...plain, ...wildcards]) checkSubscribeSubject(subject);
  });

  test("refuses everything else", () => {
    for (const subject of never) {
      refuses(() => checkSubscribeSubject(subject), /^Cannot subscribe to a subject: /);
    }
  });
});

describe("checkQueueGroup()", (test) => {
  test("refuses what the protocol line would not carry as one word", () => {
    for (const name of plain) checkQueueGroup(name);
    for (const name of ["", "a b", "a\r\n", "*", ">", "é"]) {
      refuses(() => checkQueueGroup(name), /^Cannot use a queue group: /);
    }
  });
});

describe("isReplySubject()", (test) => {
  test("is an inbox, or a cross-account import", () => {
    for (const subject of ["_INBOX.a.1", "_INBOX_ann.a.1", "_R_.a.b"]) assert.ok(isReplySubject(subject), subject);
  });

  test("is no other subject, no wildcard, no control line", () => {
    for (
      const subject of [
        "$JS.API.STREAM.PURGE.A",
        "orders.v1.event.a",
        "_INBOX.*",
        "_INBOX.>",
        "_INBOX.a b",
        "",
        "a._INBOX",
      ]
    ) {
      assert.not.ok(isReplySubject(subject), subject);
    }
  });
});
