import { documentHtml, scriptHash, styleHash } from "./document.ts";

/**
 * What the page may do, for browsers to hold it to: run the one script and use the one style that are in it, and ask the
 * gateway it came from. Nobody may put it in a frame, and no text can become markup in it.
 *
 * @see https://www.w3.org/TR/CSP3/ and https://w3c.github.io/trusted-types/dist/spec/
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src '${scriptHash}'`,
  `style-src '${styleHash}'`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The gateway's live page: one document that shows and tries what the contracts offer, and asks no other host. */
export function livePageResponse(): Response {
  return new Response(documentHtml, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": contentSecurityPolicy,
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    },
  });
}
