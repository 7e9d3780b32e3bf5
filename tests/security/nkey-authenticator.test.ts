import { createUser } from "@nats-io/nkeys";
import * as assert from "uvu/assert";
import { createNkeyAuthenticator } from "../../src/security/create-nkey-authenticator.ts";
import { createNkeySigner } from "../../src/security/create-nkey-signer.ts";
import { signWithSeed, verifyWithPublicKey } from "../../src/security/nkey-crypto.ts";
import { describe } from "../support/suite.ts";

const user = createUser();
const seed = new TextDecoder().decode(user.getSeed());
const publicKey = user.getPublicKey();
const call = {
  operation: "order",
  subject: "desk.v2.request.order",
  requestId: "r1",
  body: new TextEncoder().encode('{"sku":"A1"}'),
};

function authenticator(options: { windowMs?: number; replayLimit?: number } = {}) {
  return createNkeyAuthenticator({ keys: { [publicKey]: { id: "billing", roles: ["clerk"] } }, ...options });
}

describe("createNkeyAuthenticator()", (test) => {
  test("gives the actor of the key that signed", async () => {
    const signature = await createNkeySigner({ seed }).sign(call);
    assert.equal(await authenticator()({ signature }, call), { id: "billing", roles: ["clerk"] });
  });

  test("a signature is the nkey's own: the key's library and this one agree both ways", async () => {
    const bytes = new TextEncoder().encode("any bytes");
    const own = signWithSeed(seed);
    assert.is(own.publicKey, publicKey);
    assert.equal(await own.sign(bytes), user.sign(bytes));
    const verify = verifyWithPublicKey(publicKey);
    assert.ok(await verify(bytes, user.sign(bytes).slice()));
    assert.not.ok(await verify(bytes, createUser().sign(bytes).slice()));
  });

  test("refuses a signature that was moved to another subject, request or body", async () => {
    const signature = await createNkeySigner({ seed }).sign(call);
    const authenticate = authenticator();
    const moved = [
      { ...call, subject: "desk.v2.request.cancel" },
      { ...call, requestId: "r2" },
      { ...call, body: new TextEncoder().encode('{"sku":"B2"}') },
      { ...call, body: new Uint8Array() },
      { ...call, subject: `${call.subject}r`, requestId: "1" },
    ];
    for (const other of moved) assert.is(await authenticate({ signature }, other), undefined);
    assert.is((await authenticate({ signature }, call))?.id, "billing", "a refusal does not use it up");
  });

  test("refuses a signature that was shown before", async () => {
    const authenticate = authenticator();
    const signature = await createNkeySigner({ seed }).sign(call);
    assert.ok(await authenticate({ signature }, call));
    assert.is(await authenticate({ signature }, call), undefined);
  });

  test("refuses old and future signatures, unknown keys, and what is no signature", async () => {
    const authenticate = authenticator({ windowMs: 1_000 });
    const signature = await createNkeySigner({ seed }).sign(call);
    const at = Number(/at=(\d+)/.exec(signature)![1]);
    const stranger = await createNkeySigner({ seed: new TextDecoder().decode(createUser().getSeed()) }).sign(call);
    const refused = [
      signature.replace(/at=\d+/, `at=${at - 5_000}`),
      signature.replace(/at=\d+/, `at=${at + 5_000}`),
      signature.replace(/at=\d+/, `at=${at + 1}`),
      stranger,
      stranger.replace(/key=[A-Z2-7]+/, `key=${publicKey}`),
      signature.replace("v1", "v2"),
      `${signature};roles=manager`,
      "",
      "x".repeat(100_000),
    ];
    for (const text of refused) assert.is(await authenticate({ signature: text }, call), undefined, text.slice(0, 80));
    assert.is(await authenticate({ token: publicKey }, call), undefined);
  });

  test("refuses rather than forget when no more signatures can be remembered", async () => {
    const authenticate = authenticator({ replayLimit: 2 });
    const signer = createNkeySigner({ seed });
    const results: boolean[] = [];
    for (const requestId of ["a", "b", "c"]) {
      const other = { ...call, requestId };
      results.push(await authenticate({ signature: await signer.sign(other) }, other) !== undefined);
    }
    assert.equal(results, [true, true, false]);
  });

  test("createNkeySigner() and createNkeyAuthenticator() refuse what is no key, without showing it", () => {
    for (const text of ["", "SUhunter2", publicKey]) {
      assert.throws(() => createNkeySigner({ seed: text }), (error: Error) => !error.message.includes("hunter2"));
    }
    assert.throws(() => createNkeyAuthenticator({ keys: { nothing: { roles: [] } } }), /public user nkey/);
  });
});
