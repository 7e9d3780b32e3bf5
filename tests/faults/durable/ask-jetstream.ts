import { connect } from "@nats-io/transport-node";

/** Asks JetStream's own API for something, as an operator does. */
export async function askJetStream(servers: readonly string[], request: string): Promise<void> {
  const connection = await connect({ servers: [...servers] });
  try {
    const answer = await connection.request(`$JS.API.${request}`, "", { timeout: 5_000 });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error !== undefined) throw new Error(`${request}: ${error.description}`);
  } finally {
    await connection.close();
  }
}
