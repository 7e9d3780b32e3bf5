// The entry of Node, of every version, with tsx: Node's own type stripping does not find `.ts` behind the `.js` of
// package.json's `imports`. Node before 22 has no global WebSocket, so the `ws` package stands in.
import { reportFromProcess } from "./report-from-process.ts";

await reportFromProcess({});
