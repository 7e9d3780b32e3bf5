import { once } from "node:events";
import { connect, type Socket } from "node:net";
import * as assert from "uvu/assert";
import { startFaultProxy } from "./fault-proxy.ts";
import { startStrangeServer } from "./strange-server.ts";
import { describe } from "./suite.ts";
import { until } from "./until.ts";

/** A server that gives back what it hears, a proxy before it, and a client. */
async function startScene() {
  const server = await startStrangeServer((socket) => void socket.pipe(socket));
  const proxy = await startFaultProxy(server.port);
  const dial = async (): Promise<{ socket: Socket; heard: () => string; closed: () => boolean }> => {
    const socket = connect(proxy.port, "127.0.0.1");
    let heard = "";
    let closed = false;
    socket.on("data", (data) => heard += String(data));
    socket.on("error", () => {});
    socket.on("close", () => closed = true);
    await once(socket, "connect");
    return { socket, heard: () => heard, closed: () => closed };
  };
  return {
    proxy,
    dial,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("FaultProxy", (test) => {
  test("passes bytes both ways", async () => {
    await using scene = await startScene();
    const { socket, heard } = await scene.dial();
    socket.write("hello");
    await until("the echo", () => heard() === "hello");
    assert.is(scene.proxy.taken, 1);
  });

  test("swallows everything as a black hole, and resets what lost bytes in it when it is over", async () => {
    await using scene = await startScene();
    const before = await scene.dial();
    scene.proxy.weather = { kind: "blackHole" };
    const inside = await scene.dial();
    before.socket.write("lost");
    inside.socket.write("lost");
    const start = performance.now();
    await until("a while", () => performance.now() - start > 100);
    assert.is(before.heard() + inside.heard(), "");
    assert.not(before.closed());
    scene.proxy.weather = { kind: "pass" };
    await until("the reset", () => before.closed() && inside.closed());
  });

  test("delays", async () => {
    await using scene = await startScene();
    scene.proxy.weather = { kind: "delay", ms: 60 };
    const { socket, heard } = await scene.dial();
    const start = performance.now();
    socket.write("hello");
    await until("the echo", () => heard() === "hello");
    assert.ok(performance.now() - start >= 115);
  });

  test("throttles", async () => {
    await using scene = await startScene();
    scene.proxy.weather = { kind: "throttle", bytesPerSecond: 5_000 };
    const { socket, heard } = await scene.dial();
    const start = performance.now();
    socket.write("x".repeat(1_000));
    await until("the echo", () => heard().length === 1_000);
    assert.ok(performance.now() - start >= 180);
  });

  test("cuts a connection after so many bytes", async () => {
    await using scene = await startScene();
    const { socket, heard, closed } = await scene.dial();
    scene.proxy.cutAfter(7, "toClient");
    socket.write("hello");
    await until("the echo", () => heard() === "hello");
    socket.write("again");
    await until("the end", closed);
    assert.is(heard(), "helloag");
  });

  test("turns a bit of one byte", async () => {
    await using scene = await startScene();
    const { socket, heard } = await scene.dial();
    scene.proxy.corruptAfter(1, "toServer");
    socket.write("hello");
    await until("the echo", () => heard().length === 5);
    assert.is(heard(), "hallo");
    assert.is(scene.proxy.sprung, 1);
  });

  test("resets, and refuses", async () => {
    await using scene = await startScene();
    const { closed } = await scene.dial();
    scene.proxy.reset();
    await until("the reset", closed);
    scene.proxy.weather = { kind: "refuse" };
    const refused = await scene.dial();
    await until("the refusal", refused.closed);
  });
});
