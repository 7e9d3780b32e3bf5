// `npm run screenshots`: looks at the live page of a busy order desk for a while, and writes docs/live-page-*.png.
import { decode, encode } from "fast-png";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createMessagingClient, MemoryTransport, safe } from "../mod.ts";
import { desk } from "../tests/gateway/live-page/desk-contract.ts";
import { openLivePage, serveDesk } from "../tests/gateway/live-page/live-page-scene.ts";
import { seededRandom } from "../tests/support/seeded-random.ts";

const largestBytes = 200 * 1024;
const viewport = { width: 1440, height: 1390 };
/** How long the services are watched until the picture is taken, in milliseconds. */
const watchedMs = 58_000;
const everyMs = 250;

await Promise.all([takePicture("light"), takePicture("dark")]);
process.exit(0);

async function takePicture(colorScheme: "light" | "dark"): Promise<void> {
  const transport = new MemoryTransport();
  const server = await serveDesk(transport);
  const second = await serveDesk(transport);
  const scene = await openLivePage({ transport, view: { viewport, colorScheme } });
  const { page } = scene;
  await page.fill("#token", "clerk");
  await page.selectOption("#events-event", { label: "orderMoved" });
  await page.locator("#events-watch").click();
  await keepBusy(transport, server);
  await page.fill("#body", JSON.stringify({ sku: "A1", quantity: 3, note: "for Ada" }, undefined, 2));
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator("#operation .json").waitFor();
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const path = fileURLToPath(new URL(`../docs/live-page-${colorScheme}.png`, import.meta.url));
  // Chromium writes pictures fast, not small.
  const picture = encode(decode(await page.screenshot()), { zlib: { level: 9 } });
  if (picture.length > largestBytes) throw new Error(`${path} has ${picture.length} bytes, at most ${largestBytes}`);
  await writeFile(path, picture);
  console.log(`${path}: ${picture.length} bytes`);
  await scene[Symbol.asyncDispose]();
  await Promise.all([server.stop({ graceMs: 0 }), second.stop({ graceMs: 0 })]);
}

/** People order, ask and get what they ordered, more of them and less of them, the same each time. */
async function keepBusy(transport: MemoryTransport, server: Awaited<ReturnType<typeof serveDesk>>): Promise<void> {
  const random = seededRandom(7);
  const client = createMessagingClient({ contract: desk, transport, token: "manager" });
  await client.connect();
  const chance = (percent: number): boolean => random.below(100) < percent;
  for (let elapsedMs = 0; elapsedMs < watchedMs; elapsedMs += everyMs) {
    const wave = 1 + Math.sin(elapsedMs / 9_000);
    const calls: Promise<unknown>[] = [];
    for (let count = 0; count < 1 + wave * 2; count++) calls.push(safe(client.request("findOrder", { id: "42" })));
    if (chance(35 + wave * 25)) {
      const sku = chance(12) ? "none" : random.pick(["A1", "B7", "C3"]);
      calls.push(safe(client.request("createOrder", { sku, quantity: 1 + random.below(9) })));
    }
    if (chance(12)) calls.push(safe(client.request("cancelOrder", { id: "42", reason: "regret" })));
    if (chance(40)) {
      const id = String(1_000 + random.below(9_000));
      const state = random.pick(["packed", "sent", "arrived"]);
      calls.push(server.broadcast("orderMoved", { id, region: random.pick(["eu", "us", "asia"]), state }));
    }
    await Promise.all([...calls, new Promise((resolve) => setTimeout(resolve, everyMs))]);
  }
  await client.disconnect();
}
