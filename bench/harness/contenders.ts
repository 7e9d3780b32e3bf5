/** Somebody who does the work; `contenders/` has the program of each. */
export interface Contender {
  /** Its program's name, and the first token of its subjects. */
  readonly name: string;
  /** Its name in tables. */
  readonly title: string;
}

/** This library over NATS. */
export const ours: Contender = { name: "ours", title: "this library" };
const natsRequest: Contender = { name: "nats-request", title: "nc.request" };
const natsRequestValibot: Contender = {
  name: "nats-request-valibot",
  title: "nc.request + Valibot",
};
const inboxValibot: Contender = {
  name: "inbox-valibot",
  title: "hand-made inbox + Valibot",
};
const nestjs: Contender = { name: "nestjs", title: "NestJS" };
const moleculer: Contender = { name: "moleculer", title: "Moleculer" };

/** Who asks requests; ours is the first, and every ratio is ours to theirs. */
export const requestContenders: readonly Contender[] = [
  ours,
  natsRequest,
  { name: "nats-request-no-traces", title: "nc.request, noAsyncTraces" },
  natsRequestValibot,
  { name: "inbox", title: "hand-made inbox (the limit)" },
  inboxValibot,
  nestjs,
  moleculer,
];

/** Who tells events. */
export const eventContenders: readonly Contender[] = [
  ours,
  { ...natsRequest, title: "nats.js" },
  { ...natsRequestValibot, title: "nats.js + Valibot" },
  nestjs,
  moleculer,
];

/** Who tells events that are stored. */
export const storedEventContenders: readonly Contender[] = [
  { ...ours, name: "ours-durable" },
  { name: "jetstream", title: "@nats-io/jetstream" },
  { name: "jetstream-valibot", title: "@nats-io/jetstream + Valibot" },
];

/** Who shares the requests of a queue group; the others serve with the same few lines of nats.js. */
export const instanceContenders: readonly Contender[] = [
  ours,
  natsRequest,
  natsRequestValibot,
  inboxValibot,
  nestjs,
  moleculer,
];

/** Who is compared in every runtime. */
export const runtimeContenders: readonly Contender[] = [ours, natsRequest];

/** The gateway before a service. */
export const gateway: Contender = { name: "gateway", title: "the gateway" };
/** What passes a request on with a fetch handler. */
export const bareFetch: Contender = {
  name: "bare-fetch",
  title: "bare fetch handler, nc.request",
};
/** What passes a request on with Node's own server. */
export const bareNode: Contender = {
  name: "bare-node",
  title: "bare node:http handler, nc.request",
};

/** This library without a network. */
export const memoryContender: Contender = {
  name: "ours-memory",
  title: "this library, in memory",
};

/** This library over NATS, beside the other. */
export const natsContender: Contender = {
  ...ours,
  title: "this library, over NATS",
};

/** This library with its pending table in sight. */
export const watchedContender: Contender = {
  name: "ours-watched",
  title: "this library",
};
