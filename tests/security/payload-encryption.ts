import * as assert from "uvu/assert";
import { isMessagingError, type PayloadBinding } from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/create-payload-encryption.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";

const keyA = btoa("a".repeat(32));
const keyB = btoa("b".repeat(32));
const body = new TextEncoder().encode('{"sku":"A1"}');
const binding: PayloadBinding = { subject: "orders.v1.request.createOrder", direction: "request", requestId: "r1" };

/** The same messages, keys and refusals in every runtime. */
export function payloadEncryption(): void {
  describe("createPayloadEncryption()", (test) => {
    test("open() gives back what seal() took, in another process's instance too", async () => {
      const sealed = await createPayloadEncryption({ keys: { a: keyA }, current: "a" }).seal(body, binding);
      assert.is(sealed.header, "v1;A256GCM;kid=a");
      assert.not.match(String.fromCharCode(...sealed.body), "sku");
      const other = createPayloadEncryption({ keys: { a: keyA }, current: "a" });
      assert.equal(await other.open(sealed.body, sealed.header, binding), body);
    });

    test("open() takes a fixed message: the format does not change unnoticed", async () => {
      const encryption = createPayloadEncryption({ keys: { a: keyA }, current: "a" });
      const fixed = "AAECAwQFBgcICQoLDA0ODwAAAAAAAAAAAAAAAGqQbwMQsvLf1CsiWH1/+8XUz0lY6S7iGbGa9EQ=";
      const bytes = Uint8Array.from(atob(fixed), (character) => character.charCodeAt(0));
      assert.equal(await encryption.open(bytes, "v1;A256GCM;kid=a", binding), body);
    });

    test("open() refuses 10,000 messages with a bit flipped, wherever it is", async () => {
      const encryption = createPayloadEncryption({ keys: { a: keyA }, current: "a" });
      const sealed = await encryption.seal(body, binding);
      let accepted = 0;
      for (let count = 0; count < 10_000; count++) {
        const flipped = sealed.body.slice();
        const bit = count % (flipped.length * 8);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const opened = await encryption.open(flipped, sealed.header, binding).catch((error: unknown) => error);
        if (!isMessagingError(opened, "DECRYPTION_FAILED")) accepted += 1;
      }
      assert.is(accepted, 0);
    });

    test("open() refuses a message that was moved: another subject, direction, request id or key id", async () => {
      const encryption = createPayloadEncryption({ keys: { a: keyA, b: keyB }, current: "a" });
      const sealed = await encryption.seal(body, binding);
      const moved: PayloadBinding[] = [
        { ...binding, subject: "orders.v1.request.cancelOrder" },
        { ...binding, subject: "orders.v2.request.createOrder" },
        { ...binding, direction: "response" },
        { ...binding, direction: "event" },
        { ...binding, requestId: "r2" },
        { ...binding, subject: `${binding.subject}r`, requestId: "1" },
      ];
      const texts = new Set<string>();
      for (const place of moved) {
        const error = await expectRejection(encryption.open(sealed.body, sealed.header, place), {
          code: "DECRYPTION_FAILED",
        });
        texts.add((error as Error).message);
      }
      const headers = ["v1;A256GCM;kid=b", "v1;A256GCM;kid=c", "v2;A256GCM;kid=a", "v1;A128GCM;kid=a", "", undefined];
      for (const header of headers) {
        const error = await expectRejection(encryption.open(sealed.body, header, binding), {
          code: "DECRYPTION_FAILED",
        });
        texts.add((error as Error).message);
      }
      for (const length of [0, 1, 27, 28, 43]) {
        await expectRejection(encryption.open(sealed.body.slice(0, length), sealed.header, binding), {
          code: "DECRYPTION_FAILED",
        });
      }
      assert.is(texts.size, 1, "one uniform error");
    });

    test("open() takes plaintext only where encryption is not required", async () => {
      const lenient = createPayloadEncryption({ keys: { a: keyA }, current: "a", required: false });
      assert.equal(await lenient.open(body, undefined, binding), body);
      const strict = createPayloadEncryption({ keys: { a: keyA }, current: "a" });
      await expectRejection(strict.open(body, undefined, binding), { code: "DECRYPTION_FAILED" });
    });

    test("keys rotate without downtime: old messages open while the new key encrypts", async () => {
      const before = createPayloadEncryption({ keys: { a: keyA }, current: "a" });
      const between = createPayloadEncryption({ keys: { a: keyA, b: () => Promise.resolve(keyB) }, current: "b" });
      const old = await before.seal(body, binding);
      assert.equal(await between.open(old.body, old.header, binding), body);
      const fresh = await between.seal(body, binding);
      assert.is(fresh.header, "v1;A256GCM;kid=b");
      await expectRejection(before.open(fresh.body, fresh.header, binding), { code: "DECRYPTION_FAILED" });
    });

    test("a source of keys that fails once is asked again, and its error shows nothing", async () => {
      let asked = 0;
      const source = (): string => {
        asked += 1;
        if (asked === 1) throw new Error("the vault's token is hunter2");
        return keyA;
      };
      const encryption = createPayloadEncryption({ keys: { a: source }, current: "a" });
      const error = await expectRejection(encryption.seal(body, binding), { code: "INTERNAL" });
      assert.not.match(JSON.stringify(error) + String((error as Error).cause), "hunter2");
      const sealed = await encryption.seal(body, binding);
      assert.equal(await encryption.open(sealed.body, sealed.header, binding), body);
    });

    test("createPayloadEncryption() refuses keys that are none, without showing them", () => {
      for (const key of ["", "short", btoa("a".repeat(16)), btoa("a".repeat(33)), "not base64 !!"]) {
        assert.throws(() => createPayloadEncryption({ keys: { a: key }, current: "a" }), /base64 of 32 bytes/);
      }
      assert.throws(() => createPayloadEncryption({ keys: { a: keyA }, current: "b" }), /current/);
      assert.throws(() => createPayloadEncryption({ keys: { "a;b": keyA }, current: "a;b" }), /id/);
    });

    test("no salt and nonce come twice in 20,000 messages of four instances", async () => {
      const seen = new Set<string>();
      const instances = Array.from({ length: 4 }, () => createPayloadEncryption({ keys: { a: keyA }, current: "a" }));
      for (let batch = 0; batch < 20; batch++) {
        const sealed = await Promise.all(
          Array.from({ length: 1_000 }, (_, index) => instances[index % 4]!.seal(body, binding)),
        );
        for (const { body } of sealed) seen.add(String.fromCharCode(...body.subarray(0, 28)));
      }
      assert.is(seen.size, 20_000);
    });
  });
}
