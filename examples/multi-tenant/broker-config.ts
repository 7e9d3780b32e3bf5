// Prints the users of a broker that keeps two tenants apart. Run this: npx tsx broker-config.ts > users.conf
import { natsServerConfig } from "@magicbutton/messaging/security";
import { files } from "./contract.ts";

const { ACME_PASSWORD = "", GLOBEX_PASSWORD = "", SERVICE_PASSWORD = "" } = process.env;

console.log(natsServerConfig(files, {
  users: [
    { user: "service", password: SERVICE_PASSWORD, service: true },
    // The broker itself lets a member of acme hear files.v1.event.added.acme, and nothing of globex.
    { user: "acme", password: ACME_PASSWORD, role: "member", params: { tenant: "acme" } },
    { user: "globex", password: GLOBEX_PASSWORD, role: "member", params: { tenant: "globex" } },
  ],
}));
