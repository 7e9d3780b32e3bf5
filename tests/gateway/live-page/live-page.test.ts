import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import { MemoryTransport, NatsTransport } from "../../../mod.ts";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { describe } from "../../support/suite.ts";
import { until } from "../../support/until.ts";
import { inChromium } from "./in-chromium.ts";
import { type LivePageScene, openLivePage, serveDesk } from "./live-page-scene.ts";

/** What holds whatever a test did. */
function assertQuiet({ complaints, foreignRequests }: LivePageScene): void {
  assert.equal(complaints, [], "what the browser complained of");
  assert.equal(foreignRequests, [], "requests to other hosts");
}

const outcome = (page: Page) => page.locator("#operation .state");
const answer = (page: Page) => page.locator("#operation .answer");
const eventsState = (page: Page) => page.locator("#events-state");
const rows = (page: Page) => page.locator("#events-list > li");

/** Shows an operation by its link. */
async function open(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await page.locator(".operation-name", { hasText: name }).waitFor();
}

/** Waits until an element's text is like this, and gives it. */
async function text(of: { textContent(): Promise<string | null> }, pattern: RegExp): Promise<string> {
  return await until(`a text like ${pattern}`, async () => {
    const found = await of.textContent();
    return found !== null && pattern.test(found) && found;
  }, 10_000);
}

describe("The live page", (test) => {
  const page = inChromium(test);

  page("shows what the contract offers", async () => {
    await using scene = await openLivePage();
    const { page } = scene;
    await page.locator("#operations a").first().waitFor();
    assert.is(await page.title(), "orders");
    assert.match(await page.locator("#operations h2").innerText(), /orders\s*1\.4\.0/);
    assert.equal(await page.locator("#operations a").allInnerTexts(), [
      "createOrder",
      "findOrder",
      "cancelOrder",
      "ping",
      "orderCreated",
      "orderMoved",
    ]);
    const operation = await page.locator("#operation").innerText();
    for (
      const part of [
        "POST /orders/v1/createOrder",
        "Places an order. What is ordered is taken from the stock at once.",
        "for clerk, manager",
        "sku string, at least 2 characters",
        "What is ordered",
        "quantity integer, at least 1",
        "note string optional",
        "OUT_OF_STOCK 409",
        "Not enough stock",
        "CLOSED 423",
        "The desk is closed",
      ]
    ) assert.ok(operation.includes(part), `${part} in ${operation}`);
    assert.not.match(operation, /UNAUTHENTICATED|MALFORMED/, "what every request may answer is no news");
    assert.is(await page.locator("#deadline").inputValue(), "4000");
    await open(page, "orderMoved");
    assert.is(new URL(page.url()).hash, "#/orders/v1/events/orderMoved");
    const event = await page.locator("#operation").innerText();
    for (
      const part of ["GET /orders/v1/events?name=orderMoved", "An order is on its way.", "region", "id", "state string"]
    ) {
      assert.ok(event.includes(part), `${part} in ${event}`);
    }
    await page.reload();
    await page.locator(".operation-name", { hasText: "orderMoved" }).waitFor();
    assertQuiet(scene);
  });

  page("sends a request, prefilled from its schema, and shows the answer and the time it took", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    await page.fill("#token", "clerk");
    assert.equal(JSON.parse(await page.inputValue("#body")), { sku: "text", quantity: 1 });
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^200 in \d+(\.\d)? ms$/);
    assert.equal(JSON.parse(await answer(page).innerText()), { id: "A-1", total: 2.5, placed: "text" });
    await page.fill("#body", '{"sku": "A1", "quantity": 3}');
    await page.locator("#body").press("Control+Enter");
    await text(answer(page), /A-3/);

    await open(page, "ping");
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^204 in/);
    assert.is(await answer(page).innerText(), "No body");
    await page.goBack();
    assert.match(await page.inputValue("#body"), /"A1"/, "what was typed is still there");
    assertQuiet(scene);
  });

  page("shows errors as what they are: a contract's own, the library's, and JSON that is none", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    const send = async (body: string, token: string): Promise<string> => {
      await page.fill("#token", token);
      await page.fill("#body", body);
      await page.getByRole("button", { name: "Send" }).click();
      await until("the answer", async () => !/waiting|not sent/.test(await outcome(page).innerText()));
      return `${await outcome(page).innerText()} ${await answer(page).innerText()}`.replaceAll(/\s+/g, " ");
    };
    await page.locator("#body").waitFor();
    assert.match(
      await send('{"sku":"none","quantity":1}', "clerk"),
      /^409 OUT_OF_STOCK in [\d.]+ ms Not enough stock Execution It was executed Again The same call would fail again Data \{ "sku": "none", "left": 0 \}$/,
    );
    assert.match(await send('{"sku":"A1","quantity":0.5}', "clerk"), /^400 INVALID_REQUEST .*It was not executed/);
    const internal = await send('{"sku":"crash","quantity":1}', "clerk");
    assert.match(internal, /^500 INTERNAL .*It may have been executed.*Correlation [\w-]{8,}/);
    assert.not.match(internal, /hunter2/);
    assert.match(await send('{"sku":"A1","quantity":1}', ""), /^401 UNAUTHENTICATED/);
    assert.match(await send('{"sku":"A1","quantity":1}', "visitor"), /^403 FORBIDDEN/);

    const before = scene.requests.length;
    await page.fill("#body", '{"sku":');
    assert.match(await page.locator("#body-hint").innerText(), /^This is no JSON: /);
    assert.is(await page.locator("#body").getAttribute("aria-invalid"), "true");
    await page.getByRole("button", { name: "Send" }).click();
    await page.fill("#body", "{}");
    assert.is(await page.locator("#body").getAttribute("aria-invalid"), null);
    assert.equal(scene.requests.slice(before).filter((request) => request.startsWith("POST")), [], "nothing was sent");
    // A browser logs each answer over 399 by itself.
    assert.equal(scene.complaints.filter((complaint) => !/Failed to load resource/.test(complaint)), []);
    assert.equal(scene.foreignRequests, []);
  });

  page("cancels a request, and one past its deadline says so", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    await open(page, "findOrder");
    await page.fill("#body", '{"id":"slow"}');
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /waiting/);
    await page.getByRole("button", { name: "Cancel" }).click();
    await text(outcome(page), /^cancelled$/);
    await page.fill("#deadline", "150");
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^504 TIMEOUT in \d+ ms$/);
  });

  page("watches events as they come: narrowed, paused, cleared, and at most 200 of them", async () => {
    const transport = new MemoryTransport();
    await using server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    const move = (region: string, id: number) =>
      server.broadcast("orderMoved", { id: String(id), region, state: "sent" });
    await page.fill("#token", "clerk");
    await page.selectOption("#events-event", { label: "orderMoved" });
    await page.getByLabel("region").fill("eu");
    await page.getByRole("button", { name: "Watch", exact: true }).click();
    await text(eventsState(page), /^watching$/);
    await move("us", 1);
    await move("eu", 2);
    await rows(page).first().waitFor();
    assert.equal(await rows(page).allInnerTexts().then((texts) => texts.map((row) => row.split("\n")[1])), [
      "orderMoved.eu.2",
    ]);
    await rows(page).first().locator("summary").click();
    await text(rows(page).first().locator("pre"), /"state": "sent"/);

    await page.getByRole("button", { name: "Pause" }).click();
    await move("eu", 3);
    await text(page.locator("#events-count"), /^2 received, 1 held back$/);
    assert.is(await rows(page).count(), 1);
    await page.getByRole("button", { name: "Pause" }).click();
    await text(page.locator("#events-count"), /^2 received$/);
    assert.is(await rows(page).count(), 2);

    for (let id = 0; id < 248; id++) await move("eu", id);
    await text(page.locator("#events-count"), /^250 received$/);
    assert.is(await rows(page).count(), 200);
    assert.match(await rows(page).first().innerText(), /orderMoved\.eu\.247/, "the newest is the first");

    await page.getByRole("button", { name: "Clear" }).click();
    await until("an empty list", async () => await rows(page).count() === 0);
    await page.getByRole("button", { name: "Stop" }).click();
    await text(eventsState(page), /^not watching$/);
    assertQuiet(scene);
  });

  page("comes back to a stream that was lost, says what it missed, and stops where it is refused", async () => {
    const transport = new MemoryTransport();
    await using server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page, gateway } = scene;
    await open(page, "orderCreated");
    await page.getByRole("button", { name: "Watch it" }).click();
    await text(eventsState(page), /^refused: UNAUTHENTICATED$/);
    assert.match(await page.locator("#events-problem").innerText(), /not executed/);
    await page.fill("#token", "clerk");
    await page.getByRole("button", { name: "Watch it" }).click();
    await text(eventsState(page), /^watching$/);
    assert.is(await page.locator("#events-problem").innerText(), "");
    await server.broadcast("orderCreated", { id: "1", region: "eu", total: 1 });
    await rows(page).first().waitFor();
    await gateway.stop({ graceMs: 0 });
    await text(eventsState(page), /^lost, trying again in \d+ s$/);
    await gateway.start();
    await text(eventsState(page), /^watching$/);
    await server.broadcast("orderCreated", { id: "2", region: "eu", total: 2 });
    await until("the second event", async () => await rows(page).count() === 3);
    const [second, note] = await rows(page).allInnerTexts();
    assert.match(second!, /"id":"2"/);
    assert.is(note, "Events may have been missed here");
  });

  page("draws the services' statistics, and has them as a table", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using _second = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page } = scene;
    const pointsOf = async (): Promise<number[]> => {
      const paths = await page.locator("#statistics-chart path.line").evaluateAll((found) =>
        found.map((path) => path.getAttribute("d") ?? "")
      );
      return paths.map((path) => path.split(/[ML]/).length - 1);
    };
    await page.locator("#statistics-rows tr").first().waitFor();
    await open(page, "findOrder");
    for (let count = 1; count <= 5; count++) {
      await page.locator("#body").fill(`{"id":"${count}"}`);
      await page.getByRole("button", { name: "Send" }).click();
      await text(answer(page), new RegExp(`"${count}"`));
    }
    // Four requests, each with a line of requests and one of errors.
    await until("three points", async () => {
      const points = await pointsOf();
      return points.length === 8 && points.every((count) => count >= 3);
    }, 20_000);
    const row = page.locator("#statistics-rows tr", { hasText: "findOrder" });
    await text(row, /findOrder orders 1\.4\.02/);
    const cells = await row.locator("td").allInnerTexts();
    assert.equal([cells[0], cells[1], cells[3]], ["2", "5", "0"], "instances, requests and errors");
    assert.match(
      await page.locator("#statistics-instances").innerText(),
      /^Running: orders 1\.4\.0 \S+ since .*; orders/,
    );
    assert.match((await page.locator("#statistics-chart svg").getAttribute("aria-label"))!, /per second/);
    assertQuiet(scene);
  });

  page("asks for statistics only while somebody looks", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport, controlledTime: true });
    const { page, requests } = scene;
    const asked = (): number => requests.filter((request) => request.includes("/statistics")).length;
    const look = (state: string) =>
      page.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await page.locator("#statistics-rows tr").first().waitFor();
    await page.clock.fastForward(2_500);
    await until("the second question", () => asked() === 2);
    await look("hidden");
    for (let minutes = 0; minutes < 5; minutes++) {
      await page.clock.fastForward(60_000);
      // A question of the page would have come before this one.
      await page.evaluate(() => fetch("healthz"));
    }
    assert.is(asked(), 2);
    await look("visible");
    await until("another question", () => asked() === 3);
  });
});

describe("The live page", (test) => {
  const page = inChromium(test);

  page("works where statistics and documents are switched off", async () => {
    const transport = new MemoryTransport();
    await using server = await serveDesk(transport);
    await using scene = await openLivePage({ transport, expose: { statistics: false } });
    await text(scene.page.locator("#statistics-state"), /^switched off at this gateway$/);
    await scene.page.fill("#token", "clerk");
    await scene.page.getByRole("button", { name: "Watch", exact: true }).click();
    await text(eventsState(scene.page), /^watching$/);
    await server.broadcast("orderCreated", { id: "1", region: "eu", total: 1 });
    await rows(scene.page).first().waitFor();
    const { requests } = scene;
    assert.is(requests.filter((request) => request.includes("/statistics")).length, 1, "it does not ask again");

    await using other = await openLivePage({ transport, expose: { documents: false } });
    await text(other.page.locator("#operation"), /documents are switched off/);
    await other.page.locator("#statistics-rows tr").first().waitFor();
    assert.ok(await other.page.getByRole("button", { name: "Watch", exact: true }).isDisabled());
  });

  page("works where the gateway is mounted under a path, and its page is asked without a slash", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport, mountedAt: "/api/gateway" });
    const { page } = scene;
    await page.fill("#token", "clerk");
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^200 in/);
    await page.locator("#statistics-rows tr").first().waitFor();
    assertQuiet(scene);
  });

  page("keeps the token in its memory alone", async () => {
    const transport = new MemoryTransport();
    await using _server = await serveDesk(transport);
    await using scene = await openLivePage({ transport });
    const { page, requests } = scene;
    await page.fill("#token", "clerk");
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^200 in/);
    assert.ok(requests.some((request) => request === "POST /orders/v1/createOrder Bearer clerk"));
    assert.equal(requests.filter((request) => request.split(" ")[1]!.includes("clerk")), [], "none in an address");
    const kept = await page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      cookies: document.cookie,
      databases: (await indexedDB.databases()).length,
      history: JSON.stringify(history.state),
    }));
    assert.equal(kept, { local: 0, session: 0, cookies: "", databases: 0, history: "null" });
    assert.is(await page.locator("#token").getAttribute("type"), "password");
    await page.reload();
    assert.is(await page.inputValue("#token"), "");
  });
});

describeWithNatsServer("The live page over NATS", {}, (test) => {
  const page = inChromium(test);

  page("shows an answer, an event and statistics of a service behind a broker", async () => {
    await using broker = await startNatsServer();
    await using _server = await serveDesk(new NatsTransport({ servers: broker.url }));
    await using scene = await openLivePage({ transport: new NatsTransport({ servers: broker.url }) });
    const { page } = scene;
    await page.fill("#token", "manager");
    await page.getByRole("button", { name: "Watch", exact: true }).click();
    await text(eventsState(page), /^watching$/);
    await page.getByRole("button", { name: "Send" }).click();
    await text(outcome(page), /^200 in/);
    await text(rows(page).first(), /orderCreated.*"id":"A-1"/);
    await text(page.locator("#statistics-rows tr", { hasText: "createOrder" }), /orders 1\.4\.011/);
    assertQuiet(scene);
  });
});
