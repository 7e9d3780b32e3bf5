import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { instrumentationScope } from "../../src/otel/instrumentation-scope.ts";
import { attributeNames, durationBoundaries, metricNames, schemaUrl } from "../../src/otel/semantic-conventions.ts";
import { describe } from "../support/suite.ts";

const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));

describe("The names of telemetry", (test) => {
  test("are those of the published conventions", () => {
    assert.deepEqual(attributeNames, {
      system: conventions.ATTR_MESSAGING_SYSTEM,
      operationName: conventions.ATTR_MESSAGING_OPERATION_NAME,
      operationType: conventions.ATTR_MESSAGING_OPERATION_TYPE,
      destinationName: conventions.ATTR_MESSAGING_DESTINATION_NAME,
      destinationTemplate: conventions.ATTR_MESSAGING_DESTINATION_TEMPLATE,
      consumerGroupName: conventions.ATTR_MESSAGING_CONSUMER_GROUP_NAME,
      errorType: conventions.ATTR_ERROR_TYPE,
    });
    assert.deepEqual(metricNames, {
      operationDuration: conventions.METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
      processDuration: conventions.METRIC_MESSAGING_PROCESS_DURATION,
      sentMessages: conventions.METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
      consumedMessages: conventions.METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
    });
    assert.deepEqual([...durationBoundaries].sort((one, other) => one - other), durationBoundaries);
  });

  test("are of the version that the schema's URL says", () => {
    const version = manifest.devDependencies["@opentelemetry/semantic-conventions"];
    assert.equal(schemaUrl, `https://opentelemetry.io/schemas/${version}`);
  });

  test("come from this package in its own version", () => {
    assert.deepEqual(instrumentationScope, { name: manifest.name, version: manifest.version });
  });

  test("need the API alone, and only of those who import it", () => {
    assert.deepEqual(manifest.peerDependenciesMeta["@opentelemetry/api"], { optional: true });
    const own = Object.keys(manifest.dependencies).filter((name) => name.startsWith("@opentelemetry/"));
    assert.deepEqual(own, []);
  });
});
