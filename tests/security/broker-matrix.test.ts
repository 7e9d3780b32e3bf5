import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { checkMatrix } from "./broker-matrix.ts";
import { shopMatrix, startShopBroker } from "./shop-broker.ts";

describeWithNatsServer("a broker with natsServerConfig()", {}, (test) => {
  test("allows each role what the contract says and nothing else, whatever our server thinks", {
    timeoutMs: 60_000,
  }, async () => {
    await using broker = await startShopBroker();
    const { allowed, refused, attempts } = await checkMatrix(shopMatrix(broker));
    console.log(
      `4 roles × 12 operations at the broker: ${allowed} allowed, ${refused} refused; ${attempts} hostile attempts refused`,
    );
    assert.is(allowed + refused, 48);
  });
});
