import * as assert from "uvu/assert";
import type { ConnectionStatus } from "../../mod.ts";
import { StatusBoard } from "../../src/transport/status-board.ts";
import { describe } from "../support/suite.ts";

function setUp() {
  const reported: unknown[] = [];
  const board = new StatusBoard((error) => reported.push(error));
  const heard: ConnectionStatus[] = [];
  return { board, reported, heard };
}

describe("StatusBoard", (test) => {
  test("begins disconnected and tells each change once, with the error that caused it", () => {
    const { board } = setUp();
    const heard: unknown[] = [];
    board.listen((status, error) => heard.push([status, error?.message]));
    assert.is(board.status, "disconnected");
    board.set("connecting");
    board.set("connecting");
    board.set("reconnecting", new Error("lost"));
    assert.equal(heard, [["connecting", undefined], ["reconnecting", "lost"]]);
    assert.is(board.status, "reconnecting");
  });

  test("tells a status that lasts again with each other reason, and not with the same or none", () => {
    const { board } = setUp();
    const heard: unknown[] = [];
    board.listen((status, error) => heard.push([status, error?.message]));
    board.set("reconnecting", new Error("lost"));
    board.set("reconnecting");
    board.set("reconnecting", new Error("lost"));
    board.set("reconnecting", new Error("refused"));
    board.set("reconnecting", new Error("refused"));
    board.set("connected");
    board.set("reconnecting", new Error("refused"));
    assert.equal(heard, [
      ["reconnecting", "lost"],
      ["reconnecting", "refused"],
      ["connected", undefined],
      ["reconnecting", "refused"],
    ]);
  });

  test("tells nothing to a listener that was taken away, also while it tells the others", () => {
    const { board, heard } = setUp();
    const off: (() => void)[] = [];
    board.listen(() => off[0]!());
    off[0] = board.listen((status) => heard.push(status));
    board.set("connecting");
    off[0]();
    assert.equal(heard, []);
  });

  test("takes the same function twice, and takes each away by itself", () => {
    const { board, heard } = setUp();
    const listener = (status: ConnectionStatus): void => void heard.push(status);
    const off = board.listen(listener);
    board.listen(listener);
    board.set("connecting");
    off();
    board.set("connected");
    assert.equal(heard, ["connecting", "connecting", "connected"]);
  });

  test("a listener that throws is reported and hurts no other", () => {
    const { board, reported, heard } = setUp();
    const thrown = new Error("in a listener");
    board.listen(() => {
      throw thrown;
    });
    board.listen((status) => heard.push(status));
    board.set("connecting");
    assert.equal(heard, ["connecting"]);
    assert.is(reported[0], thrown);
  });

  test("every listener hears the changes in the order in which they came, also when one makes the next", () => {
    const { board, heard } = setUp();
    board.listen((status) => {
      if (status === "connected") board.set("closed");
    });
    board.listen((status) => heard.push(status));
    board.set("connecting");
    board.set("connected");
    assert.equal(heard, ["connecting", "connected", "closed"]);
    assert.is(board.status, "closed");
  });

  test("a listener that comes while a change is told hears the next", () => {
    const { board, heard } = setUp();
    let added = false;
    board.listen(() => {
      if (!added) board.listen((status) => heard.push(status));
      added = true;
    });
    board.set("connecting");
    board.set("connected");
    assert.equal(heard, ["connected"]);
  });
});
