// Everything in the page, the service too: to try the desk without any server.
import { MemoryTransport } from "@magicbutton/messaging";
import { openDesk } from "./desk.js";
import { startService } from "./service.js";

const transport = new MemoryTransport();
await startService(transport);
await openDesk(transport);
