import { type Figure, none, type Size } from "../../faults/figures.ts";
import { accessMatrix } from "./access-matrix.ts";
import { EventSocket } from "./event-socket.ts";
import type { GatewayExperiment } from "./gateway-experiment.ts";
import { type GatewayScene, startGatewayScene } from "./gateway-scene.ts";
import { type HttpAnswer, HttpCaller, type HttpQuestion } from "./http-caller.ts";
import { processFigures } from "./process-figures.ts";
import { orderId, tenants } from "./trial-contract.ts";

const counts: Readonly<Record<Size, number>> = { small: 8, large: 100 };
const patienceMs = 20_000;

/** G5: everybody tries what is everybody else's. */
export const otherTenants: GatewayExperiment = {
  id: "G5",
  promise:
    "Nobody reads, hears or learns of what is another tenant's, and every role may use what the contract says and nothing else",
  sizes: {
    small: `${counts.small} tenants, each tries every other's`,
    large: `${counts.large} tenants, each tries every other's`,
  },
  largeLimitMs: 240_000,
  run: async (size) => {
    await using scene = await startGatewayScene();
    const members = await Promise.all(tenants.slice(0, counts[size]).map((tenant) => Member.open(scene, tenant)));
    const tried = new Tried();
    try {
      const leakedAnswers = await everyTriesEveryOther(members, tried);
      const heard = await hearOrders(scene, members);
      const figures: Figure[] = [
        { name: "tries", value: tried.count, limit: { atLeast: size === "large" ? 10_000 : 500 } },
        { name: "answers that let somebody in", value: leakedAnswers, limit: none },
        { name: "events that another tenant heard", value: heard.others, limit: none },
        { name: "own events heard", value: heard.own, limit: { atLeast: heard.wanted, atMost: heard.wanted } },
        { name: "answers that tell what is not there from what is not yours", value: tried.differing, limit: none },
        { name: "own orders read", value: await readOwn(members), limit: { atLeast: members.length } },
        ...await accessMatrix(scene),
      ];
      return [...figures, ...processFigures(scene)];
    } finally {
      for (const member of members) member[Symbol.dispose]();
    }
  },
};

/** One tenant's caller, with a stream of its own events. */
class Member implements Disposable {
  readonly tenant: string;
  readonly caller: HttpCaller;
  readonly token: string;
  readonly stream: EventSocket;

  private constructor(tenant: string, caller: HttpCaller, token: string, stream: EventSocket) {
    this.tenant = tenant;
    this.caller = caller;
    this.token = token;
    this.stream = stream;
  }

  static async open({ port, provider }: GatewayScene, tenant: string): Promise<Member> {
    const address = `127.0.6.${1 + tenants.indexOf(tenant)}`;
    const token = await provider.sign({ subject: `ann of ${tenant}`, tenant });
    const stream = await EventSocket.open(port, `name=orderMoved&tenant=${tenant}`, { token, address });
    return new Member(tenant, new HttpCaller(port, address), token, stream);
  }

  ask(path: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
    return this.caller.ask(`/trial/v1/${path}`, { ...question, token: this.token });
  }

  [Symbol.dispose](): void {
    this.caller[Symbol.dispose]();
    this.stream[Symbol.dispose]();
  }
}

/** What came of tries: within a group every answer has to be the same. */
class Tried {
  count = 0;
  readonly #answers = new Map<string, Set<string>>();

  add(group: string, { status, headers, body }: HttpAnswer): void {
    this.count += 1;
    const {
      date: _date,
      "ratelimit": _rate,
      "ratelimit-policy": _policy,
      ...rest
    } = headers;
    const text = body.replace(/"correlationId":"[^"]*"/, "");
    const seen = this.#answers.get(group) ?? new Set();
    this.#answers.set(group, seen.add(JSON.stringify([status, rest, text])));
  }

  /** How many answers of a group are unlike its first. */
  get differing(): number {
    let differing = 0;
    for (const [group, { size }] of this.#answers) {
      if (size > 1) console.log(`${group}: ${[...this.#answers.get(group)!].slice(0, 2).join("\n")}`);
      differing += size - 1;
    }
    return differing;
  }
}

/** Each member, one after the other all others; all members at once. Gives how many answers let somebody in. */
async function everyTriesEveryOther(members: readonly Member[], tried: Tried): Promise<number> {
  const leaks = await Promise.all(members.map(async (member) => {
    let leaks = 0;
    for (const other of members) {
      if (other !== member) leaks += await tryOther(member, other, tried);
    }
    return leaks;
  }));
  return leaks.reduce((sum, count) => sum + count, 0);
}

async function tryOther(member: Member, { tenant: other, stream }: Member, tried: Tried): Promise<number> {
  const there = orderId(other, 3);
  const theirEventId = stream.fields("id").at(-1) ?? "AAAAAAAA-1";
  const nobody = `no-${other}`;
  const bodies: readonly [group: string, path: string, body: unknown][] = [
    ["another's order", "readOrder", { tenant: other, id: there }],
    ["another's order", "readOrder", { tenant: other, id: "none" }],
    ["another's order", "readOrder", { tenant: nobody, id: there }],
    ["an order of another's id", "readOrder", { tenant: member.tenant, id: there }],
    ["an order of another's id", "readOrder", { tenant: member.tenant, id: "none" }],
    ["found by another's id", "findOrder", { id: there }],
    ["found by another's id", "findOrder", { id: "none" }],
    ["found by another's id", "findOrder", { id: there, tenant: member.tenant, roles: ["manager"] }],
    ["two tenants in one body", "readOrder", `{"tenant":"${member.tenant}","tenant":"${other}","id":"${there}"}`],
  ];
  const queries: readonly [group: string, query: string, lastEventId?: string][] = [
    ["another's events", `name=orderMoved&tenant=${other}`],
    ["another's events", `name=orderMoved&tenant=${nobody}`],
    ["another's events", `name=orderMoved&tenant=${other}&id=${there}`],
    ["another's events", `name=orderMoved&tenant=${other}`, theirEventId],
    ["another's events", `name=orderMoved&tenant=${nobody}`, "BBBBBBBB-7"],
    ["another's events", `name=orderMoved&id=${there}`],
    ["another's events", "name=orderMoved"],
    ["another's events", `filter=orderMoved.${other}.*`],
    ["another's events", `filter=orderMoved.${nobody}.*`],
    ["another's events", "filter=orderMoved.*.*"],
    ["another's events", `filter=orderMoved.*.${there}`],
    ["events of another role", `name=dayClosed&tenant=${other}`],
    ["events of another role", `name=dayClosed&tenant=${member.tenant}`],
    ["events of another role", "name=dayClosed"],
  ];
  let leaks = 0;
  const note = (group: string, answer: HttpAnswer): void => {
    tried.add(group, answer);
    if (answer.status < 400) leaks += 1;
  };
  for (const [group, path, body] of bodies) note(group, await member.ask(path, { body }));
  for (const [group, query, lastEventId] of queries) {
    const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    note(group, await member.ask(`events?${query}`, { headers }));
  }
  return leaks;
}

/** Tells an event of each tenant and waits until all have heard their own; gives who heard what, since the beginning. */
async function hearOrders(scene: GatewayScene, members: readonly Member[]) {
  const moves = members.map(({ tenant }) => ({ tenant, id: orderId(tenant, 1) }));
  await scene.service.tell("moveOrders", moves);
  await Promise.all(members.map(({ stream }) => stream.until(/\ndata: .*\n\n/, patienceMs)));
  // Their own ids, on a stream that resumes with another's: the gateway says that it cannot, and tells nothing of them.
  const resumed = await Promise.all(members.map(({ tenant, token }, index) => {
    const [lastEventId] = members[(index + 1) % members.length]!.stream.fields("id");
    return EventSocket.open(scene.port, `name=orderMoved&tenant=${tenant}`, {
      token,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
  }));
  await scene.service.tell("moveOrders", moves);
  await Promise.all(resumed.map((stream) => stream.until(/\nsubject: .*\ndata: .*\n\n/, patienceMs)));
  let own = 0;
  let others = 0;
  const streams = [
    ...members.map(({ tenant, stream }) => ({ tenant, stream })),
    ...resumed.map((stream, index) => ({ tenant: members[index]!.tenant, stream })),
  ];
  await Promise.all(members.map(({ stream }) => stream.until(/(?:\ndata: [^]*){2}\n\n/, patienceMs)));
  for (const { tenant, stream } of streams) {
    for (const subject of stream.fields("subject")) {
      if (subject === `orderMoved.${tenant}.${orderId(tenant, 1)}`) own += 1;
      else others += 1;
    }
  }
  for (const stream of resumed) stream[Symbol.dispose]();
  return { own, others, wanted: members.length * 3 };
}

/** What is refused above is there, and its own tenant reads it. */
async function readOwn(members: readonly Member[]): Promise<number> {
  const answers = await Promise.all(members.map((member) => {
    const body = { tenant: member.tenant, id: orderId(member.tenant, 3) };
    return Promise.all([member.ask("readOrder", { body }), member.ask("findOrder", { body: { id: body.id } })]);
  }));
  return answers.filter((both) => both.every(({ status }) => status === 200)).length;
}
