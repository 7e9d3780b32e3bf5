// NestJS microservices over NATS as its documentation uses it. No TypeScript: its types are not there where the tests are
// type-checked, and its decorators are functions that can be called.
import "reflect-metadata";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from "@nestjs/microservices";
import { firstValueFrom, timeout } from "rxjs";

const patterns = { ask: "faults.ask", order: "faults.order", ticked: "faults.ticked" };

/** @type {import("../contender.ts").Contender} */
export const nestjs = {
  name: "nestjs",
  async openCaller(choice) {
    const client = ClientProxyFactory.create({ transport: Transport.NATS, options: optionsOf(choice) });
    await client.connect();
    const listeners = [];
    return {
      connected: true,
      ask: (text, { idempotent, timeoutMs }) =>
        firstValueFrom(client.send(idempotent ? patterns.ask : patterns.order, { text }).pipe(timeout(timeoutMs)))
          .then((answer) => answer.text),
      tell: async (number, padding) => {
        await firstValueFrom(client.emit(patterns.ticked, { number, padding }), { defaultValue: undefined });
      },
      hear: async (onNumber) => {
        class Listener {
          ticked({ number }) {
            onNumber(number);
          }
        }
        decorate(Listener, "ticked", EventPattern(patterns.ticked));
        const listener = await listen(Listener, optionsOf(choice));
        listeners.push(listener);
        return () => listener.close();
      },
      close: async () => {
        await Promise.all([client.close(), ...listeners.map((listener) => listener.close())]);
      },
    };
  },
  async openService(choice, work) {
    class Service {
      async ask({ text }) {
        return { text: await work(text) };
      }
      async order({ text }) {
        return { text: await work(text) };
      }
    }
    decorate(Service, "ask", MessagePattern(patterns.ask));
    decorate(Service, "order", MessagePattern(patterns.order));
    const service = await listen(Service, { ...optionsOf(choice), queue: "faults" });
    return { stop: () => service.close() };
  },
  told: (error) => ({ code: error?.name ?? error?.code ?? String(error), ending: "unlabelled" }),
};

function optionsOf({ servers, name, pingIntervalMs, user, password }) {
  return {
    servers: [...servers],
    ...(name === undefined ? {} : { name }),
    ...(pingIntervalMs === undefined ? {} : { pingInterval: pingIntervalMs, maxPingOut: 2 }),
    ...(user === undefined ? {} : { user, pass: password }),
  };
}

function decorate(target, method, decorator) {
  decorator(target.prototype, method, Object.getOwnPropertyDescriptor(target.prototype, method));
}

async function listen(controller, options) {
  Controller()(controller);
  class Application {}
  Module({ controllers: [controller] })(Application);
  const application = await NestFactory.createMicroservice(Application, {
    transport: Transport.NATS,
    options,
    logger: false,
  });
  await application.listen();
  return application;
}
