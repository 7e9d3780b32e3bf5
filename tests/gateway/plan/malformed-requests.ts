import { type Figure, none, type Size } from "../../faults/figures.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { startGatewayScene } from "./gateway-scene.ts";
import { HttpCaller, type HttpQuestion } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";

const rounds: Readonly<Record<Size, number>> = { small: 3, large: 200 };
const say = "/trial/v1/say";
const text = "text/plain";
const valid = '{"text":"a"}';

/** A request, and how it has to be refused. */
type Case = readonly [status: number, code: string, path: string, question: HttpQuestion];

function typed(contentType: string, body = valid): HttpQuestion {
  return { body, headers: { "Content-Type": contentType } };
}

function nested(depth: number): string {
  return `{"text":${"[".repeat(depth)}${"]".repeat(depth)}}`;
}

const malformed = [
  "{",
  "}",
  "{'text':'a'}",
  '{"text":"a"}}',
  '{"text":"a"} x',
  "[",
  "nul",
  "NaN",
  "Infinity",
  "undefined",
  '{"text":"\u0001"}',
  '{"text":"a",}',
  '{"text":"a"/**/}',
  "\ufefe{}",
  '{"text":"a","text":"b"}',
  '{"text":"a","\\u0074ext":"b"}',
  '{"text":"a","other":{"x":1,"x":2}}',
  '{"text":"a","__proto__":{"admin":true}}',
  '{"text":"a","\\u005f_proto__":{"admin":true}}',
  nested(65),
  nested(10_000),
  nested(100_000),
];

const cases: readonly Case[] = [
  ...malformed.map((body): Case => [400, "MALFORMED_MESSAGE", say, { body }]),
  ...["[]", "null", "1", '"a"', "true", "{}", '{"text":1}', '{"text":null}', '{"text":["a"]}', '{"Text":"a"}'].map(
    (body): Case => [400, "INVALID_REQUEST", say, { body }],
  ),
  [400, "INVALID_REQUEST", say, { method: "POST" }],
  ...[
    text,
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=a",
    "application/xml",
    "application/json-patch+json",
    "application/jsonx",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "text/json",
    "*/*",
    " ",
  ].map((contentType): Case => [415, "UNSUPPORTED", say, typed(contentType)]),
  ...["gzip", "br", "deflate", "identity, gzip", "x"].map((encoding): Case => [
    415,
    "UNSUPPORTED",
    say,
    { body: valid, headers: { "Content-Encoding": encoding } },
  ]),
  ...["GET", "PUT", "DELETE", "PATCH", "HEAD", "QUERY", "PROPFIND"].map((method): Case => [
    405,
    "UNSUPPORTED",
    say,
    { method },
  ]),
  [405, "UNSUPPORTED", "/trial/v1/events?name=ticked", { body: valid }],
  [405, "UNSUPPORTED", "/healthz", { body: valid }],
  ...[
    "/trial/v1/nothing",
    "/trial/v1/Say",
    "/trial/v1/say/",
    "/trial/v1//say",
    "/trial/v2/say",
    "/trial/1/say",
    "/trial/v1/%73ay",
    "/trial/v1/say%00",
    "/trial/v1/say;a",
    "/trial/v1/ticked",
    "/other/v1/say",
    "/trial.v1.request.say",
    "/$SRV/v1/PING",
    "/$JS/v1/API",
    "/trial/v1/request.say",
    "/trial/v1/*",
    "/trial/v1/>",
    "/constructor",
    "/__proto__",
    "/trial/v1/__proto__",
    "/trial/v1/toString",
    "//",
  ].map((path): Case => [404, "NO_RESPONDERS", path, { body: valid }]),
  ...["name=none", "name=say", "filter=none.a", "name=__proto__", "name=toString"].map((query): Case => [
    404,
    "NO_RESPONDERS",
    `/trial/v1/events?${query}`,
    {},
  ]),
  ...[
    "",
    "name=ticked&filter=ticked",
    "name=ticked&name=ticked",
    "name=poured&batch=a&batch=b",
    "name=ticked&tenant=a",
    "name=poured&__proto__=a",
    "filter=poured",
    "filter=poured.>",
    "filter=poured.a.b",
    "filter=poured.a%0d%0ab",
    "filter=poured.=zz",
    "filter=poured.%20",
    "filter=poured.",
  ].map((query): Case => [400, "INVALID_EVENT", `/trial/v1/events?${query}`, {}]),
  ...["x", "instance", "-1", "a-", "a b-1", `${"a".repeat(65)}-1`, "a-12345678901234567", "a-1x", "é-1"].map(
    (id): Case => [400, "INVALID_REQUEST", "/trial/v1/events?name=ticked", { headers: { "Last-Event-ID": id } }],
  ),
  ...["soon", "-1", "1.5", "1e3", "9999999999999"].map((value): Case => [
    400,
    "INVALID_REQUEST",
    say,
    { body: valid, headers: { "Request-Timeout-Ms": value } },
  ]),
  ...["a b", "", "a".repeat(129), "é"].map((value): Case => [
    400,
    "INVALID_REQUEST",
    say,
    { body: valid, headers: { "Idempotency-Key": value } },
  ]),
];

/** G3: requests that are none. */
export const malformedRequests: GatewayExperiment = {
  id: "G3",
  promise: "What is no request of a contract is refused with a stable problem type, and nothing of it goes upstream",
  sizes: {
    small: `${rounds.small} × ${cases.length} malformed requests`,
    large: `${rounds.large} × ${cases.length} malformed requests`,
  },
  largeLimitMs: 120_000,
  run: async (size) => {
    await using scene = await startGatewayScene();
    const { port, spy } = scene;
    let asked = 0;
    const wrong: string[] = [];
    const types = new Map<string, Set<string>>();
    const upstream = await spy.countDuring(async () => {
      for (let round = 0; round < rounds[size]; round++) {
        using caller = new HttpCaller(port, `127.0.3.${1 + round % 250}`);
        await Promise.all(cases.map(async ([status, code, path, question], index) => {
          const answer = await caller.ask(path, question);
          asked += 1;
          const type = typeOf(
            answer.body,
            answer.headers["content-type"],
            question.method === "HEAD" ? code : undefined,
          );
          if (answer.status !== status || type !== `urn:problem-type:magicbutton:${code}`) {
            wrong.push(
              `${question.method ?? ""} ${path} ${JSON.stringify(question).slice(0, 120)}: ${answer.status} ${type}`,
            );
          }
          const key = String(index);
          types.set(key, (types.get(key) ?? new Set()).add(`${answer.status} ${type}`));
        }));
      }
    });
    for (const line of new Set(wrong)) console.log(line);
    // The spy must be able to hear what it says it has not heard.
    const control = await spy.countDuring(async () => {
      using caller = new HttpCaller(port);
      await caller.ask(say, { body: valid });
    });
    const figures: Figure[] = [
      { name: "requests", value: asked },
      { name: "answers of another status or type than promised", value: wrong.length, limit: none },
      {
        name: "cases with more than one answer",
        value: [...types.values()].filter(({ size }) => size > 1).length,
        limit: none,
      },
      { name: "messages upstream", value: upstream, limit: none },
      { name: "messages upstream of one valid request", value: control, limit: { atMost: 1, atLeast: 1 } },
    ];
    return [...figures, ...processFigures(scene)];
  },
};

/** The type of a problem; what the answer is instead, where it is none. */
function typeOf(body: string, contentType: string | undefined, codeOfHead: string | undefined): string {
  if (contentType !== "application/problem+json") return `no problem but ${contentType}`;
  if (codeOfHead !== undefined && body === "") return `urn:problem-type:magicbutton:${codeOfHead}`;
  try {
    return String((JSON.parse(body) as { type: unknown }).type);
  } catch {
    return "no JSON";
  }
}
