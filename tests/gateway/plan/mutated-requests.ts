import { type Figure, none } from "../../faults/figures.ts";
import { type SeededRandom, seededRandom } from "../../support/seeded-random.ts";
import type { GatewayScene } from "./gateway-scene.ts";
import { HttpCaller } from "./http-caller.ts";
import { RawSocket } from "./raw-socket.ts";

const atOnce = 20;
const patienceMs = 8_000;
const perAddress = 2_000;
const mostMutations = 4;

/** Requests that are in order, one for each way through the gateway. */
const sound: readonly string[] = [
  request("POST /trial/v1/say", ["Content-Type: application/json", "Content-Length: 12"], '{"text":"a"}'),
  request(
    "POST /trial/v1/say",
    ["Content-Type: application/json", "Transfer-Encoding: chunked"],
    'c\r\n{"text":"a"}\r\n0\r\n\r\n',
  ),
  request("POST http://a/trial/v1/say", ["Content-Type: application/json", "Content-Length: 12"], '{"text":"a"}'),
  request("POST /trial/v1/nothing", ["Content-Type: application/json", "Content-Length: 12"], '{"text":"a"}'),
  request("POST /trial/v1/tell", ["Authorization: Bearer a.b.c", "Idempotency-Key: a", "Request-Timeout-Ms: 1000"], ""),
  request("GET /trial/v1/events?name=poured&batch=a", ["Last-Event-ID: AAAAAAAA-1", "Accept: text/event-stream"], ""),
  request("GET /trial/v1/events?filter=orderMoved.a.*", ["Authorization: Bearer a.b.c"], ""),
  request("OPTIONS /trial/v1/say", ["Origin: https://a", "Access-Control-Request-Method: POST"], ""),
  request("HEAD /readyz", ["Expect: 100-continue"], ""),
  request("GET /metrics", ["Connection: close"], ""),
];

/** An answer that says that the gateway is at fault; 504 is for a caller that says that it waits no longer. */
const faulty = /^HTTP\/1\.1 5(?!04)\d\d /m;

/** What parsers stumble over. */
const pieces: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  "\t",
  " ",
  "@",
  ":",
  "//",
  "/../",
  "%",
  "%00",
  "%c0%80",
  "?",
  "#",
  "&",
  "=",
  ".",
  ">",
  "*",
  "\x80",
  "\xff",
  "\xc3\xa9",
  "u:p@",
  "http://u:p@a",
  "https://[::1",
  "ws://",
  "[",
  "__proto__",
  "Host: b\r\n",
  "Host: u@b\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 9999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\nConnection: Upgrade\r\n",
  "Content-Encoding: gzip\r\n",
  "TRACE",
  "CONNECT",
  "HTTP/1.0",
  "HTTP/2.0",
];

function request(start: string, lines: readonly string[], body: string): string {
  return [`${start} HTTP/1.1`, "Host: a", ...lines, `\r\n${body}`].join("\r\n");
}

/** Sends requests that were changed at random: none may harm the gateway, or be answered as if it were at fault. */
export async function mutatedRequests(
  { port, gateway }: GatewayScene,
  count: number,
  seed: number,
): Promise<readonly Figure[]> {
  const random = seededRandom(seed);
  const strays = gateway.strays.length;
  const wrong = new Map<string, number>();
  let left = count;
  let hanging = 0;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const text = mutated(random);
      using socket = await RawSocket.connect(port, { address: `127.0.${82 + Math.floor(left / perAddress)}.1` });
      socket.write(text);
      socket.finish();
      await socket.closedWithin(patienceMs);
      if (!socket.isClosed) {
        hanging += 1;
        console.log(`seed ${seed} hangs: ${JSON.stringify(text)} ${JSON.stringify(socket.text.slice(0, 100))}`);
      }
      const status = faulty.exec(socket.text)?.[0];
      if (status === undefined) continue;
      if (!wrong.has(status)) console.log(`seed ${seed} ${status}: ${JSON.stringify(text)} ${socket.text.slice(-400)}`);
      wrong.set(status, (wrong.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  using caller = new HttpCaller(port, "127.0.81.251");
  const { status } = await caller.ask("/trial/v1/say", { body: { text: "a" } });
  return [
    { name: "requests changed at random", value: count },
    { name: "of them left hanging", value: hanging, limit: none },
    {
      name: "of them answered as if the gateway were at fault",
      value: [...wrong.values()].reduce((sum, times) => sum + times, 0),
      limit: none,
    },
    { name: "unhandled in the gateway because of them", value: gateway.strays.length - strays, limit: none },
    { name: "status of a sound request after them", value: status, limit: { atLeast: 200, atMost: 200 } },
  ];
}

function mutated(random: SeededRandom): string {
  let text = random.pick(sound);
  for (let times = 1 + random.below(mostMutations); times > 0; times--) text = mutatedOnce(text, random);
  return text;
}

function mutatedOnce(text: string, random: SeededRandom): string {
  // Mostly in the head, where there is more to read.
  const at = random.below(random.below(3) === 0 ? text.length + 1 : Math.min(text.length, 80) + 1);
  const end = at + random.below(12);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, end) + text.slice(at);
    case 3:
      return random.below(4) === 0 ? text.slice(0, at) : text.toUpperCase();
    default:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at);
  }
}
