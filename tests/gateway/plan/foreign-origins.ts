import { type Figure, none, type Size } from "../../faults/figures.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { startGatewayScene } from "./gateway-scene.ts";
import { type HttpAnswer, HttpCaller, type HttpQuestion } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";

const rounds: Readonly<Record<Size, number>> = { small: 1, large: 20 };
const allowed = ["https://app.example.com", "https://admin.example.com:8443", "http://localhost:5173"];

const foreign = [
  "null",
  "*",
  "",
  "https://app.example.com/",
  "https://app.example.com:443",
  "https://app.example.com:8443",
  "http://app.example.com",
  "https://APP.example.com",
  "HTTPS://app.example.com",
  "https://app.example.com.evil.example",
  "https://app.example.comevil.example",
  "https://evilapp.example.com",
  "https://evil.example/https://app.example.com",
  "https://evil.example?https://app.example.com",
  "https://app.example.com@evil.example",
  "https://app.example.com%00.evil.example",
  "https://app.example.com.",
  "https://app_example.com",
  "https://appxexample.com",
  "https://example.com",
  "https://sub.app.example.com",
  "//app.example.com",
  "app.example.com",
  "https://app.example.com https://evil.example",
  "https://evil.example, https://app.example.com",
  "https://admin.example.com",
  "https://admin.example.com:8444",
  "http://localhost",
  "http://localhost:5174",
  "http://127.0.0.1:5173",
  "file://",
  "chrome-extension://abcdefghijklmnop",
  "__proto__",
  "constructor",
];

const preflight = {
  "Access-Control-Request-Method": "POST",
  "Access-Control-Request-Headers": "authorization,content-type,x-evil",
};

/** Every kind of answer that a page of another origin can get. */
const questions: readonly (readonly [path: string, question: HttpQuestion, cors: boolean])[] = [
  ["/trial/v1/say", { method: "OPTIONS", headers: preflight }, true],
  ["/trial/v1/events", { method: "OPTIONS", headers: preflight }, true],
  ["/trial/v1/nothing", { method: "OPTIONS", headers: preflight }, true],
  ["/trial/v1/say", { body: { text: "a" } }, true],
  ["/trial/v1/say", { body: "{" }, true],
  ["/trial/v1/say", { body: "{}", headers: { "Content-Type": "text/plain" } }, true],
  ["/trial/v1/say", {}, true],
  ["/trial/v1/tell", { body: { text: "a" } }, true],
  ["/trial/v1/tell", { body: { text: "a" }, token: "garbage" }, true],
  ["/trial/v1/nothing", { body: {} }, true],
  ["/trial/v1/events?name=ticked", {}, true],
  ["/trial/v1/events?name=none", {}, true],
  ["/readyz", {}, true],
  ["/readyz", { method: "OPTIONS", headers: preflight }, true],
  ["/healthz", {}, false],
  ["/metrics", {}, false],
  ["/metrics", { method: "OPTIONS", headers: preflight }, false],
];

/** G9: web pages of other origins. */
export const foreignOrigins: GatewayExperiment = {
  id: "G9",
  promise:
    "Pages of the origins that are listed may use the gateway, exactly those, and no answer may be kept for another's",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 120_000,
  run: async (size) => {
    await using scene = await startGatewayScene({ origins: allowed });
    let answers = 0;
    let open = 0;
    const wrong = new Map<string, number>();
    for (let round = 0; round < rounds[size]; round++) {
      using caller = new HttpCaller(scene.port, `127.0.60.${1 + round}`);
      for (const origin of [...allowed, ...foreign, undefined]) {
        await Promise.all(questions.map(async ([path, question, cors]) => {
          const headers = { ...question.headers, ...(origin === undefined ? {} : { Origin: origin }) };
          const answer = await caller.ask(path, { ...question, headers });
          answers += 1;
          const mayRead = cors && origin !== undefined && allowed.includes(origin);
          if (mayRead) open += 1;
          const problem = problemOf(answer, mayRead ? origin : undefined, question.method === "OPTIONS");
          if (problem === undefined) return;
          const line = `${question.method ?? ""} ${path} of ${origin}: ${problem}`;
          wrong.set(line, (wrong.get(line) ?? 0) + 1);
        }));
      }
    }
    for (const [line, count] of wrong) console.log(`${count} × ${line}`);
    const figures: Figure[] = [
      { name: "answers", value: answers },
      { name: "answers that a page may read", value: open },
      {
        name: "answers with other CORS headers than promised",
        value: [...wrong.values()].reduce((sum, count) => sum + count, 0),
        limit: none,
      },
    ];
    return [...figures, ...processFigures(scene)];
  },
};

function describeSize(size: Size): string {
  return `${rounds[size]} × ${allowed.length} listed and ${foreign.length} other origins × ${questions.length} answers`;
}

/** What is wrong with an answer; `undefined` where nothing is. */
function problemOf({ headers }: HttpAnswer, readableBy: string | undefined, isPreflight: boolean): string | undefined {
  const given = Object.entries(headers).filter(([name]) => name.startsWith("access-control-"));
  const vary = String(headers["vary"]).split(",").map((name) => name.trim().toLowerCase());
  if (!vary.includes("origin")) return `Vary is ${headers["vary"]}`;
  if (headers["access-control-allow-credentials"] !== undefined) return "credentials are allowed";
  if (given.some(([, value]) => String(value).includes("*"))) return "something is allowed for all";
  if (readableBy === undefined) return given.length === 0 ? undefined : `it has ${JSON.stringify(given)}`;
  if (headers["access-control-allow-origin"] !== readableBy) {
    return `it allows ${headers["access-control-allow-origin"]}`;
  }
  if (isPreflight && /x-evil/i.test(String(headers["access-control-allow-headers"]))) return "it allows any header";
  return undefined;
}
