// nats.js 3.4 as its documentation uses it, with the options that it has by default.
import type { ConnectionOptions, Msg, NatsConnection } from "@nats-io/nats-core";
import { wsconnect } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import WebSocket from "ws";
import type {
  AskOptions,
  Caller,
  ConnectionChoice,
  Contender,
  ContenderName,
  Service,
  ToldError,
  Work,
} from "./contender.ts";
import { faultsSubjects } from "./faults-contract.ts";

/** nats.js with the options that it has by default: two seconds between two dials to a server, ten of them. */
export const natsJs: Contender = createNatsJs("nats.js", {});

/** nats.js as somebody sets it who has read about it. */
export const natsJsTuned: Contender = createNatsJs("nats.js-tuned", {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  reconnectJitter: 50,
  timeout: 2_500,
});

function createNatsJs(name: ContenderName, more: ConnectionOptions): Contender {
  return {
    name,
    async openCaller(choice: ConnectionChoice): Promise<Caller> {
      return new NatsJsCaller(await open(choice, more));
    },
    async openService(choice: ConnectionChoice, work: Work): Promise<Service> {
      const connection = await open(choice, more);
      const denials: Error[] = [];
      for (const subject of [faultsSubjects.ask, faultsSubjects.order]) {
        connection.subscribe(subject, {
          queue: "faults",
          callback: (error, message) => {
            if (error === null) void answer(message, work);
            else denials.push(error);
          },
        });
      }
      await connection.flush();
      if (denials[0] !== undefined) throw denials[0];
      return { stop: () => connection.drain() };
    },
    told(error: unknown): ToldError {
      const { name, cause } = error as { name?: string; cause?: { name?: string } };
      return { code: cause?.name ?? name ?? String(error), ending: "unlabelled" };
    },
  };
}

function open(choice: ConnectionChoice, more: ConnectionOptions): Promise<NatsConnection> {
  const all = { ...options(choice), ...more };
  if (!choice.servers.some((server) => server.startsWith("ws:"))) return connect(all);
  // Node before 22 has no WebSocket of its own.
  const wsFactory = (url: string) => Promise.resolve({ socket: new WebSocket(url), encrypted: false });
  return wsconnect({ ...all, wsFactory } as Parameters<typeof wsconnect>[0]);
}

async function answer(message: Msg, work: Work): Promise<void> {
  message.respond(JSON.stringify({ text: await work(message.json<{ text: string }>().text) }));
}

function options({ servers, name, pingIntervalMs, user, password }: ConnectionChoice): ConnectionOptions {
  return {
    servers: [...servers],
    ...(name === undefined ? {} : { name }),
    ...(pingIntervalMs === undefined ? {} : { pingInterval: pingIntervalMs, maxPingOut: 2 }),
    ...(user === undefined || password === undefined ? {} : { user, pass: password }),
  };
}

class NatsJsCaller implements Caller {
  readonly #connection: NatsConnection;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** It says no more than this. */
  get connected(): boolean {
    return !this.#connection.isClosed();
  }

  async ask(text: string, { timeoutMs, idempotent }: AskOptions): Promise<string> {
    const subject = idempotent ? faultsSubjects.ask : faultsSubjects.order;
    const answer = await this.#connection.request(subject, JSON.stringify({ text }), { timeout: timeoutMs });
    return answer.json<{ text: string }>().text;
  }

  tell(number: number, padding?: string): Promise<void> {
    this.#connection.publish(faultsSubjects.ticked, JSON.stringify({ number, padding }));
    return Promise.resolve();
  }

  async hear(onNumber: (number: number) => void): Promise<() => Promise<void>> {
    const denials: Error[] = [];
    const subscription = this.#connection.subscribe(faultsSubjects.ticked, {
      callback: (error, message) => {
        if (error === null) onNumber(message.json<{ number: number }>().number);
        else denials.push(error);
      },
    });
    await this.#connection.flush();
    if (denials[0] !== undefined) throw denials[0];
    return () => Promise.resolve(subscription.unsubscribe());
  }

  async close(): Promise<void> {
    await this.#connection.drain();
  }
}
