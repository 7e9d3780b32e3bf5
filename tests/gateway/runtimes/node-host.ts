import { serve } from "@hono/node-server";
import process from "node:process";
import { createHost } from "./host.ts";

const fetch = createHost(JSON.parse(process.env["HOST"]!));
serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => console.log(`listening on ${port}`));
