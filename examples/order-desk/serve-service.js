// The service, inside the network: NATS_URL=nats://127.0.0.1:4222 node serve-service.js
import { NatsTransport } from "@magicbutton/messaging";
import { startService } from "./service.js";

await startService(new NatsTransport({ servers: process.env.NATS_URL }));
console.log("The service is there");
