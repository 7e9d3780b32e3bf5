import process from "node:process";
import { createHost } from "./host.ts";

const { Deno } = globalThis as unknown as {
  Deno: {
    serve(
      options: { hostname: string; port: number; onListen: (address: { port: number }) => void },
      fetch: unknown,
    ): void;
  };
};
const fetch = createHost(JSON.parse(process.env["HOST"]!));
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`listening on ${port}`) }, fetch);
