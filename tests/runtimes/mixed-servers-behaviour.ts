import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { describe } from "../support/suite.ts";
import type { Brokers } from "./brokers.ts";

/** One list of servers serves every runtime. */
export function mixedServersBehaviour({ tcpUrl, websocketUrl }: Brokers): void {
  describe("WebSocket beside TCP", (test) => {
    test("open() with servers of both kinds uses those the runtime can reach", async () => {
      const transport = new NatsTransport({ servers: [tcpUrl, websocketUrl] });
      const connection = await transport.open();
      await connection.flush(1_000);
      assert.is(transport.status, "connected");
      await connection.close();
    });
  });
}
