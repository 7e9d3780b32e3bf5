// A gateway in front of the parcels, at one port: `parcel-gateway.ts URL PORT`. It is killed, and started again.
import { serve } from "@hono/node-server";
import process from "node:process";
import { NatsTransport } from "../../../mod.ts";
import { createGateway } from "../../../src/gateway/mod.ts";
import { endWithStarter } from "../end-with-starter.ts";
import { parcels } from "./parcels-contract.ts";

const [servers = "", port] = process.argv.slice(2);
endWithStarter();
const gateway = createGateway({ contracts: [parcels], transport: new NatsTransport({ servers }) });
await gateway.start();
serve({ fetch: gateway.fetch, hostname: "127.0.0.1", port: Number(port) }, () => console.log("listening"));
