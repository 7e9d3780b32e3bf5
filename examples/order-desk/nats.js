// Straight to NATS over WebSocket, inside one's own network: ?servers=ws://127.0.0.1:8080
import { NatsTransport } from "@magicbutton/messaging";
import { openDesk } from "./desk.js";

const servers = new URLSearchParams(location.search).getAll("servers");
await openDesk(new NatsTransport({ servers }));
