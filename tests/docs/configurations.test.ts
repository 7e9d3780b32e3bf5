// Blocks of configuration in the pages: nats-server reads those for it, JSON is JSON.
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { findCodeBlocks } from "../../scripts/documentation/code-blocks.ts";
import { readPages } from "../../scripts/documentation/pages.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { natsServerPath } from "../support/nats-server-program.ts";
import { startProgram } from "../support/program.ts";
import { describe } from "../support/suite.ts";

const blocks = (await readPages()).flatMap(findCodeBlocks);
const configurations = blocks.filter(({ language }) => language === "conf");

describe("The pages' JSON", (test) => {
  test("can be read", () => {
    const json = blocks.filter(({ language }) => language === "json");
    assert.ok(json.length > 0);
    for (const { page, line, text } of json) {
      try {
        JSON.parse(text);
      } catch (error) {
        throw new Error(`${page}:${line}: ${(error as Error).message}`);
      }
    }
  });
});

describeWithNatsServer("The pages' configurations of a broker", {}, (test) => {
  test("there are some, each with the name of its file", () => {
    assert.ok(configurations.length > 0);
    for (const { page, line, file } of configurations) assert.ok(file?.endsWith(".conf"), `${page}:${line}`);
  });

  for (const { page, line, text, file } of configurations) {
    test(`${page}:${line} is what nats-server takes`, async () => {
      const certificates = await makeCertificates();
      const folder = await mkdtemp(join(tmpdir(), "messaging-configuration-"));
      try {
        let config = text;
        for (const [setting, path] of text.matchAll(/\b(?:cert|key|ca)_file: "([^"]+)"/g)) {
          const given = setting.startsWith("key")
            ? certificates.server.keyFile
            : setting.startsWith("ca")
            ? certificates.authority.certificateFile
            : certificates.server.certificateFile;
          const own = path!.replaceAll("/", "-");
          await copyFile(given, join(folder, own));
          config = config.replace(path!, own);
        }
        const users = '{ "users": [{ "user": "ann" }] }';
        await writeFile(join(folder, "users.conf"), `authorization: ${users}\n`);
        await writeFile(join(folder, file!), config);
        await using checking = startProgram(natsServerPath(), ["-t", "--config", file!], { folder });
        const { exitCode, errorOutput } = await checking.ended();
        assert.is(exitCode, 0, errorOutput);
        assert.match(errorOutput, /configuration file .* is valid/);
      } finally {
        await rm(folder, { recursive: true, force: true });
        certificates.remove();
      }
    });
  }
});
