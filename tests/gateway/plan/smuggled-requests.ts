import { type Figure, none, type Size } from "../../faults/figures.ts";
import { ambiguousRequests, carriedText, smuggledText, twoRequests } from "./ambiguous-requests.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { HttpCaller } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";
import { RawSocket } from "./raw-socket.ts";

const rounds: Readonly<Record<Size, number>> = { small: 2, large: 50 };
const forwarded = "X-Channel";
const patienceMs = 10_000;
/** What a service may be told beside what the caller's options allow: all of it is the gateway's own. */
const ownNames = ["authorization", "traceparent", "mb-timeout"];
const outsideTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** Headers that nobody outside may say to a service. */
const hostileHeaders: readonly (readonly [string, string])[] = [
  ["X-Forwarded-For", "10.0.0.1"],
  ["X-Forwarded-Host", "evil.example"],
  ["X-Forwarded-Proto", "https"],
  ["X-Real-IP", "10.0.0.1"],
  ["Forwarded", "for=10.0.0.1"],
  ["Via", "1.1 evil"],
  ["Nats-Msg-Id", "evil"],
  ["Nats-Service-Error", "evil"],
  ["Nats-Service-Error-Code", "500"],
  ["Nats-Expected-Stream", "evil"],
  ["Nats-Rollup", "all"],
  ["Nats-Request-Info", '{"acc":"evil"}'],
  ["nats-msg-id", "evil"],
  ["NATS-MSG-ID", "evil"],
  ["Mb-Request-Id", "evil"],
  ["Mb-Timeout", "1"],
  ["Mb-Error", "evil"],
  ["Mb-Contract", "evil@9.9.9"],
  ["Mb-Encryption", "v1;A256GCM;kid=evil"],
  ["Mb-Signature", "v1;kid=UAAA;sig=x"],
  ["mb-signature", "v1;kid=UAAA;sig=x"],
  ["MB-TIMEOUT", "1"],
  ["traceparent", outsideTrace],
  ["Traceparent", outsideTrace],
  ["tracestate", "evil=1"],
  ["baggage", "evil=1"],
  ["b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"],
  ["TE", "trailers"],
  ["Keep-Alive", "timeout=1000"],
  ["Proxy-Authorization", "Basic ZXZpbDpldmls"],
  ["Proxy-Connection", "keep-alive"],
  ["Cookie", "session=evil"],
  ["Cookie2", "evil"],
  ["X-Original-URL", "/trial/v1/closeDay"],
  ["X-Rewrite-URL", "/trial/v1/closeDay"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Actor", '{"roles":["manager"]}'],
  ["X-Role", "manager"],
  ["X_Channel", "evil"],
  ["X-Channel-", "evil"],
];

/** G11: requests that two readers would read in two ways, and headers that say more than a caller may. */
export const smuggledRequests: GatewayExperiment = {
  id: "G11",
  promise:
    "Nothing is smuggled in: ambiguous requests are refused, what callers say of themselves or of the trace does not travel on",
  sizes: { small: describeSize("small"), large: describeSize("large") },
  largeLimitMs: 180_000,
  run: async (size) => {
    await using scene = await startGatewayScene({ forwardHeaders: [forwarded] });
    return [
      ...await sendAmbiguous(scene, rounds[size]),
      ...await sendHostileHeaders(scene, rounds[size]),
      ...processFigures(scene),
    ];
  },
};

function describeSize(size: Size): string {
  return `${
    rounds[size]
  } × ${ambiguousRequests.length} ambiguous requests and ${hostileHeaders.length} hostile headers`;
}

async function sendAmbiguous({ port, spy }: GatewayScene, times: number): Promise<readonly Figure[]> {
  let sent = 0;
  const wrong = new Map<string, number>();
  const upstream = await spy.during(async () => {
    for (let round = 0; round < times; round++) {
      for (const [index, { name, bytes, answers }] of ambiguousRequests.entries()) {
        using socket = await RawSocket.connect(port, { address: `127.0.80.${1 + round}` });
        socket.write(numbered(bytes, index));
        socket.finish();
        await socket.closedWithin(patienceMs);
        sent += 1;
        const statuses = [...socket.text.matchAll(/^HTTP\/1\.1 (\d\d\d) /gm)].map(([, status]) => status).join(" ");
        if (answers.test(statuses)) continue;
        const line = `${name}: ${statuses || "no answer"}`;
        wrong.set(line, (wrong.get(line) ?? 0) + 1);
      }
    }
  });
  for (const [line, count] of wrong) console.log(`${count} × ${line}`);
  // The spy must be able to hear what it says it has not heard.
  const control = await spy.countDuring(async () => {
    using socket = await RawSocket.connect(port, { address: "127.0.80.250" });
    socket.write(twoRequests);
    await socket.until(/HTTP\/1\.1 200 [^]*HTTP\/1\.1 200 /);
  });
  const came = (text: string): number =>
    ambiguousRequests.filter(({ name }, index) => {
      const count = upstream.filter(({ body }) => body.includes(numbered(text, index))).length;
      if (count > 0) console.log(`${count} × upstream came ${numbered(text, index)} of ${name}`);
      return count > 0;
    }).length;
  return [
    { name: "ambiguous requests", value: sent },
    {
      name: "answered otherwise than promised",
      value: [...wrong.values()].reduce((sum, count) => sum + count, 0),
      limit: none,
    },
    { name: "smuggled requests that went upstream", value: came(smuggledText), limit: none },
    { name: "requests upstream of two that are in order", value: control, limit: { atLeast: 2, atMost: 2 } },
    { name: "ambiguous requests that went upstream themselves", value: came(carriedText), limit: none },
  ];
}

/** With its number in place of `##`: what comes upstream tells where it was. */
function numbered(text: string, index: number): string {
  return text.replaceAll("##", String(index).padStart(2, "0"));
}

async function sendHostileHeaders(scene: GatewayScene, times: number): Promise<readonly Figure[]> {
  const { port, spy, provider } = scene;
  const token = await provider.sign({ subject: "smuggler" });
  const traces = new Set<string>();
  const passed = new Set<string>();
  let asked = 0;
  let failed = 0;
  let forwardedWell = 0;
  const messages = await spy.during(async () => {
    for (let round = 0; round < times; round++) {
      using caller = new HttpCaller(port, `127.0.81.${1 + round}`);
      const all = Object.fromEntries(hostileHeaders.filter(([name], index) => {
        return hostileHeaders.findIndex(([other]) => other.toLowerCase() === name.toLowerCase()) === index;
      }));
      const sets = [
        all,
        { ...all, Connection: "keep-alive, X-Channel, Authorization" },
        ...hostileHeaders.map(([name, value]) => ({ [name]: value })),
      ];
      await Promise.all(sets.map(async (headers) => {
        const answer = await caller.ask("/trial/v1/tell", {
          body: { text: "a" },
          token,
          headers: { ...headers, [forwarded]: "web" },
        });
        asked += 1;
        if (answer.status !== 200) {
          failed += 1;
          console.log(`${JSON.stringify(headers).slice(0, 100)}: ${answer.status} ${answer.body.slice(0, 200)}`);
        }
      }));
    }
  });
  for (const { header } of messages) {
    for (const line of header.split("\r\n").slice(1)) {
      const [name = "", ...rest] = line.split(":");
      const value = rest.join(":").trim();
      if (name === "") continue;
      if (name.toLowerCase() === "traceparent") traces.add(value);
      if (name === forwarded && value === "web") forwardedWell += 1;
      else if (!ownNames.includes(name.toLowerCase())) passed.add(`${name}: ${value}`);
      if (name.toLowerCase() === "mb-timeout" && value === "1") passed.add(line);
    }
  }
  for (const line of passed) console.log(`passed on: ${line}`);
  return [
    { name: "requests with hostile headers", value: asked },
    { name: "of them refused", value: failed, limit: none },
    { name: "hostile headers passed on", value: passed.size, limit: none },
    { name: "requests whose forwarded header came through", value: forwardedWell, limit: { atLeast: asked } },
    { name: "traces of their own", value: traces.size, limit: { atLeast: asked } },
    {
      name: "traces from outside",
      value: [...traces].filter((trace) => trace.includes(outsideTrace.slice(3, 35))).length,
      limit: none,
    },
  ];
}
