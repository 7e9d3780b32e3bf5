import { connect, headers as createHeaders, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { PlainPeer, WantedAnswer } from "./plain-peer.ts";

/** nats.js by itself, as its users use it. */
export const natsJsPeer: PlainPeer = {
  async serve(url, subject) {
    const connection = await connect({ servers: url });
    connection.subscribe(subject, {
      callback: (_error, message) => {
        const { answer, headers } = message.json<WantedAnswer>();
        message.respond(answer, headers === undefined ? {} : { headers: headersOf(headers) });
      },
    });
    await connection.flush();
    return { [Symbol.asyncDispose]: () => connection.close() };
  },

  request: (url, subject, body, headers = {}) =>
    withConnection(url, async (connection) => {
      const reply = await connection.request(subject, body, { timeout: 5_000, headers: headersOf(headers) });
      const names = reply.headers?.keys() ?? [];
      return {
        body: reply.string(),
        headers: Object.fromEntries(names.map((name) => [name, reply.headers!.get(name)])),
      };
    }),

  publish: (url, subject, body) =>
    withConnection(url, async (connection) => {
      connection.publish(subject, body);
      await connection.flush();
    }),

  async hear(url, subject) {
    const connection = await connect({ servers: url });
    const body = new Promise<string>((resolve, reject) => {
      connection.subscribe(subject, {
        max: 1,
        callback: (error, message) => error === null ? resolve(message.string()) : reject(error),
      });
    });
    await connection.flush();
    return { body, [Symbol.asyncDispose]: () => connection.close() };
  },
};

async function withConnection<Result>(
  url: string,
  use: (connection: NatsConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await connect({ servers: url });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function headersOf(values: Readonly<Record<string, string>>): MsgHdrs {
  const result = createHeaders();
  for (const [name, value] of Object.entries(values)) result.set(name, value);
  return result;
}
