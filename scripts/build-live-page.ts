// `npm run build:page`: makes src/gateway/live-page/document.ts of what lies in src/gateway/live-page/browser/. The result
// is part of the source, so that the gateway needs neither a build nor files where it runs; a test holds both together.
import { writeFile } from "node:fs/promises";
import { documentPath, documentSource } from "./live-page/document-source.ts";

await writeFile(documentPath, await documentSource());
console.log(`Wrote ${documentPath}`);
