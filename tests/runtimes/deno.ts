// The entry of Deno, over npm's transport-node: `deno-import-map.json` says so in place of deno.json, because the
// continuous integration cannot count on JSR. `scripts/test-transport-deno.ts` runs it over JSR's transport-deno.
import { reportFromProcess } from "./report-from-process.ts";

await reportFromProcess({
  websocketCertificates: /^A WebSocket in Deno [\d.]+ takes no certificates: .* use a tls:\/\/ server/,
});
