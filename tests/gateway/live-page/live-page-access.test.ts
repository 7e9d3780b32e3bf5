// The live page for whoever uses a keyboard or a screen reader, on any screen; and for a contract whose texts are hostile.
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { createContract, createMessagingServer, MemoryTransport } from "../../../mod.ts";
import { describe } from "../../support/suite.ts";
import { until } from "../../support/until.ts";
import { inChromium } from "./in-chromium.ts";
import { openLivePage, serveDesk } from "./live-page-scene.ts";

/** What has the focus: its id, or its text. */
async function focused(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "the page";
    return element.id ||
      (element.className ? `.${element.className}` : (element.textContent ?? "").trim().slice(0, 40));
  });
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, wanted: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press(key);
    const now = await focused(page);
    if (now === wanted) return;
    passed.push(now);
  }
  throw new Error(`${key} does not lead to ${wanted}: ${passed.join(", ")}`);
}

describe("The live page by keyboard", (test) => {
  const page = inChromium(test);

  page("sends a request, watches events and reads them, without a pointer", async () => {
    const transport = new MemoryTransport();
    await using server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    const { keyboard } = page;
    await page.locator("#operations a").first().waitFor();

    await keyboard.press("Tab");
    assert.is(await focused(page), ".skip");
    assert.ok(
      await page.locator(".skip").evaluate((link) => link.getBoundingClientRect().top >= 0),
      "it is seen now",
    );
    await keyboard.press("Enter");
    assert.is(await focused(page), "operation");
    await keyboard.press("Shift+Tab");

    await tabTo(page, "token", "Shift+Tab");
    await keyboard.type("clerk");
    await tabTo(page, "findOrder");
    await keyboard.press("Enter");
    await until("the focus on what was chosen", async () => await focused(page) === ".operation-name");
    await tabTo(page, "createOrder", "Shift+Tab");
    await keyboard.press("Enter");
    await until("the focus on the name", async () => await focused(page) === ".operation-name");
    await tabTo(page, "body");
    await keyboard.press("Control+a");
    await keyboard.type('{"sku": "A1", "quantity": 7}');
    await keyboard.press("Control+Enter");
    await until("the answer", async () => /A-7/.test(await page.locator("#operation .answer").innerText()));

    await tabTo(page, "events-event");
    await keyboard.press("ArrowDown");
    assert.is(await page.locator("#events-event").inputValue(), "orders/v1/events/orderMoved");
    await tabTo(page, "events-parameter-0");
    await keyboard.type("eu");
    await keyboard.press("Enter");
    await until("the stream", async () => await page.locator("#events-state").innerText() === "watching");
    await server.broadcast("orderMoved", { id: "42", region: "eu", state: "sent" });
    await page.locator("#events-list > li").first().waitFor();
    await tabTo(page, "events-log");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await until(
      "the whole event",
      async () => /"state": "sent"/.test(await page.locator("#events-list pre").innerText()),
    );
    await tabTo(page, "events-pause", "Shift+Tab");
    await keyboard.press("Space");
    assert.is(await page.locator("#events-pause").getAttribute("aria-pressed"), "true");
  });

  page("is left by Tab at its end and entered again at its start, and shows the focus everywhere", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    await page.locator("#statistics-rows tr").first().waitFor();
    const order: string[] = [];
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press("Tab");
      const now = await focused(page);
      if (order.includes(now) || now === "the page") break;
      order.push(now);
      const { style, width } = await page.evaluate(() => {
        const { outlineStyle: style, outlineWidth: width } = getComputedStyle(document.activeElement!);
        return { style, width };
      });
      assert.ok(style === "solid" && width === "2px", `${now} shows its focus: ${style} ${width}`);
    }
    assert.equal(order, [
      ".skip",
      "token",
      "token-show",
      "createOrder",
      "findOrder",
      "cancelOrder",
      "ping",
      "orderCreated",
      "orderMoved",
      "deadline",
      "body",
      ".main",
      ".answer",
      "events-event",
      "events-watch",
      "events-log",
      ".scroll",
    ]);
  });
});

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

describe("The live page for everyone", (test) => {
  const page = inChromium(test);

  const views: Readonly<Record<string, BrowserContextOptions>> = {
    "a light screen": { colorScheme: "light", viewport: { width: 1440, height: 900 } },
    "a dark screen": { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
    "a narrow screen": { colorScheme: "light", viewport: { width: 320, height: 640 } },
  };
  for (const [screen, view] of Object.entries(views)) {
    page(`has nothing that axe finds against WCAG 2.2 AA, on ${screen}`, async () => {
      const transport = new MemoryTransport();
      await using server = await serveDesk(transport);
      await using scene = await openLivePage({ transport, view });
      const { page } = scene;
      await page.fill("#token", "clerk");
      await page.getByRole("button", { name: "Watch", exact: true }).click();
      await page.fill("#body", '{"sku":"none","quantity":1}');
      await page.getByRole("button", { name: "Send" }).click();
      await page.locator("#operation .problem").waitFor();
      await until("the stream", async () => await page.locator("#events-state").innerText() === "watching");
      await server.broadcast("orderCreated", { id: "1", region: "eu", total: 1 });
      await page.locator("#events-list > li summary").click();
      await page.locator("#statistics-chart path.line").first().waitFor({ timeout: 15_000 });
      assert.equal(await axeViolations(page), []);
      await page.getByRole("link", { name: "orderMoved" }).click();
      await page.locator(".operation-name", { hasText: "orderMoved" }).waitFor();
      assert.equal(await axeViolations(page), []);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(widths[0]! <= widths[1]!, `nothing is beside the screen: ${widths}`);
    });
  }

  page("moves nothing by itself while it loads, asks and draws", async () => {
    const transport = new MemoryTransport();
    await using server = await serveDesk(transport);
    await using scene = await openLivePage({ transport, view: { viewport: { width: 1440, height: 1300 } } });
    const { page } = scene;
    await page.fill("#token", "clerk");
    await page.getByRole("button", { name: "Watch", exact: true }).click();
    await until("the stream", async () => await page.locator("#events-state").innerText() === "watching");
    await page.getByRole("button", { name: "Send" }).click();
    for (let id = 0; id < 20; id++) await server.broadcast("orderCreated", { id: `${id}`, region: "eu", total: 1 });
    await page.locator("#statistics-chart path.line").first().waitFor({ timeout: 15_000 });
    const shift = await page.evaluate(() =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        // Buffered entries are told in a task of their own.
        requestAnimationFrame(() => setTimeout(() => resolve(sum), 0));
      })
    );
    console.log(`Cumulative layout shift: ${shift.toFixed(4)}`);
    assert.ok(shift < 0.01, `${shift}`);
  });
});

async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: AxeViolation[] }> };
    };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: { type: "tag", values: tags } })).violations;
  });
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`
  );
}

const markup = '<script>window.hacked = 1</script><img src="https://attacker.example/x" onerror="window.hacked = 1">';

const hostile = createContract({
  name: "hostile",
  version: "1.0.0",
  errors: { REFUSED: { message: markup, description: `error ${markup}`, data: v.object({ text: v.string() }) } },
  requests: {
    ask: {
      request: v.pipe(
        v.object({ [markup]: v.pipe(v.string(), v.description(markup)), text: v.literal(markup) }),
        v.description(markup),
      ),
      response: v.object({ text: v.string() }),
      errors: ["REFUSED"],
      description: `${markup}\n\njavascript:alert(1) "></textarea>${markup}`,
    },
  },
  events: { told: { schema: v.object({ text: v.string() }), description: markup } },
});

describe("The live page of a hostile contract", (test) => {
  const page = inChromium(test);

  page("shows its texts, answers, errors and events as texts, and obeys none of them", async () => {
    const transport = new MemoryTransport();
    await using server = createMessagingServer({ contract: hostile, transport });
    let refuse = false;
    server.registerHandler("ask", (_, context) => {
      if (refuse) throw context.error("REFUSED", { text: markup }, markup);
      return { text: markup };
    });
    await server.start();
    await using scene = await openLivePage({ contract: hostile, transport });
    const { page } = scene;
    const operation = page.locator("#operation");
    await page.locator("#body").waitFor();
    assert.ok((await operation.innerText()).includes(markup));
    const send = async (pattern: RegExp) => {
      await page.getByRole("button", { name: "Send" }).click();
      await until("the answer", async () => pattern.test(await operation.locator(".state").innerText()));
      assert.ok((await operation.locator(".answer").innerText()).includes("<script>"));
    };
    await send(/^200/);
    refuse = true;
    await send(/^422 REFUSED/);
    await page.getByRole("link", { name: "told" }).click();
    await page.locator(".operation-name", { hasText: "told" }).waitFor();
    assert.ok((await operation.innerText()).includes(markup));
    await page.getByRole("button", { name: "Watch it" }).click();
    await until("the stream", async () => await page.locator("#events-state").innerText() === "watching");
    await server.broadcast("told", { text: markup });
    await page.locator("#events-list summary").click();
    assert.ok((await page.locator("#events-list pre").innerText()).includes("<script>"));

    const counts = await page.evaluate(() => ({
      images: document.images.length,
      scripts: document.scripts.length,
      hacked: "hacked" in window,
    }));
    assert.equal(counts, { images: 0, scripts: 1, hacked: false });
    assert.equal(scene.foreignRequests, []);
    assert.equal(scene.complaints.filter((complaint) => !/Failed to load resource/.test(complaint)), []);
  });

  page("would be stopped by the page's policy if it could become markup", async () => {
    await using scene = await openLivePage();
    const { page } = scene;
    await page.locator("#body").waitFor();
    const outcome = await page.evaluate((markup) => {
      try {
        document.body.innerHTML = markup;
        return "it became markup";
      } catch (error) {
        return (error as Error).name;
      }
    }, markup);
    assert.is(outcome, "TypeError");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.src = "https://attacker.example/x.js";
      document.body.append(script);
    }).catch(() => {});
    const image = await page.evaluate(() =>
      new Promise((resolve) => {
        const image = document.createElement("img");
        image.onload = () => resolve("loaded");
        image.onerror = () => resolve("stopped");
        image.src = "https://attacker.example/x.png";
      })
    );
    assert.is(image, "stopped");
    await until("the browser's word on it", () => scene.complaints.some((complaint) => /img-src/.test(complaint)));
    assert.ok(scene.complaints.some((complaint) => /trusted-types|TrustedHTML/i.test(complaint)));
  });
});
