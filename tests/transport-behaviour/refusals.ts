import * as assert from "uvu/assert";
import { createMessagingClient, isMessagingError, type PayloadEncryption, type RequestSigner } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { deskContract, openDesk } from "./desk.ts";
import { clientAt } from "./participants.ts";
import type { TransportKind } from "./transport-kind.ts";

const encryption: PayloadEncryption = {
  seal: (body) => Promise.resolve({ header: "v1;A256GCM;kid=1", body }),
  open: (body) => Promise.resolve(body),
};
const signer: RequestSigner = { sign: () => "signature" };

/** What a transport refuses that the others do: by its code, its text, and that nothing was done. */
export function refusalBehaviour(kind: TransportKind): void {
  const { namespaces, protection } = kind.refuses ?? {};
  if (namespaces === undefined && protection === undefined) return;

  describe(`${kind.name}: what it refuses`, (test) => {
    if (namespaces !== undefined) {
      test("request() and subscribe() of a client with a namespace are UNSUPPORTED, and nothing is sent", async () => {
        await using desk = await openDesk(kind);
        const transport = kind.connect({ contract: deskContract, namespace: desk.namespace });
        const client = createMessagingClient({ contract: deskContract, transport, namespace: desk.namespace });
        await using _ = client;
        const early = client.subscribe("opened", () => {});
        await client.connect();
        const late = client.subscribe("moved", { params: { region: "eu" } }, () => {});
        for (const refused of [client.request("echo", 1), early.ready, late.ready]) {
          const error = await expectRejection(refused, { code: "UNSUPPORTED", message: namespaces });
          assert.is(isMessagingError(error) && error.execution, "not-executed");
        }
        assert.is(client.status, "connected");
        assert.is(desk.seen.get("echo"), undefined);
      });
    }

    if (protection !== undefined) {
      test("request() with encryption or a signature is UNSUPPORTED, and nothing is sent", async () => {
        await using desk = await openDesk(kind);
        for (const protectedBy of [{ encryption }, { signer }, { encryption, signer }]) {
          const client = clientAt(kind, { contract: deskContract, namespace: desk.namespace }, protectedBy);
          await using _ = client;
          await client.connect();
          const error = await expectRejection(client.request("echo", "secret"), {
            code: "UNSUPPORTED",
            message: protection,
          });
          assert.is(isMessagingError(error) && error.execution, "not-executed");
        }
        assert.is(desk.seen.get("echo"), undefined);
      });
    }
  });
}
