// The code of the mission's document as it stands there, but for the names of the modules.
import * as v from "valibot";
import { createContract, createMessagingClient, createMessagingServer, NatsTransport } from "../../mod.ts";

const yourContract = createContract({
  name: "your-contract",
  version: "1.0.0",
  requests: {
    yourRequest: { request: v.object({ data: v.string() }), response: v.object({ result: v.string() }) },
  },
  events: { yourEvent: v.object({ message: v.string() }) },
});

export async function theClient(): Promise<{ result: string }> {
  // For development
  const client = createMessagingClient({
    transport: new NatsTransport({
      servers: ["nats://your-cloud-nats-server:4222"],
      authentication: {
        user: "dev-user",
        password: "dev-password",
      },
    }),
    contract: yourContract,
  });

  // Connect to the server
  await client.connect();

  // Make requests and subscribe to events
  const response = await client.request("yourRequest", { data: "example" });
  client.subscribe("yourEvent", (data) => {
    console.log("Event received:", data);
  });
  return response;
}

export async function theServer(): Promise<void> {
  // For development
  const server = createMessagingServer({
    transport: new NatsTransport({
      servers: ["nats://your-cloud-nats-server:4222"],
      authentication: {
        user: "dev-user",
        password: "dev-password",
      },
    }),
    contract: yourContract,
  });

  // Register request handlers
  // deno-lint-ignore require-await no-unused-vars -- the document's own words
  server.registerHandler("yourRequest", async (request) => {
    return { result: "success" };
  });

  // Start the server
  await server.start();

  // Broadcast events
  server.broadcast("yourEvent", { message: "Something happened!" });
}

export function inProduction(): NatsTransport {
  // For production
  const transport = new NatsTransport({
    servers: ["nats://internal-nats-server:4222"],
    authentication: {
      // Use stronger authentication in production
      tls: {
        caFile: "/path/to/ca.pem",
        certFile: "/path/to/cert.pem",
        keyFile: "/path/to/key.pem",
      },
    },
  });
  return transport;
}
