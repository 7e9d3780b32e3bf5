import * as assert from "uvu/assert";
import { isMessagingError, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

/** What a runtime that cannot do something does instead: it says so at once; `reasons` gets what it said. */
export function refusedBehaviour(
  name: string,
  attempts: readonly NatsTransportOptions[],
  refusal: RegExp,
  reasons: string[],
): void {
  describe(`${name}, refused as designed`, (test) => {
    for (const options of attempts) {
      const certificates = Object.keys((options.authentication as { tls?: object })?.tls ?? {});
      const wish = [String(options.servers).replace(/:\/\/.*/, "://"), ...certificates].join(", ");
      test(`open() with ${wish} rejects with UNSUPPORTED and the way out, before anything is dialled`, async () => {
        const transport = new NatsTransport(options);
        const error = await expectRejection(transport.open(), { code: "UNSUPPORTED", message: refusal });
        assert.ok(isMessagingError(error) && error.execution === "not-executed" && !error.retryable);
        assert.is(transport.status, "closed");
        reasons.push(error.message);
      });
    }
  });
}
