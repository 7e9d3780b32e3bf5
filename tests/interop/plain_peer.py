"""A plain NATS program with nats-py: serve SUBJECT, request SUBJECT BODY [HEADERS], publish SUBJECT BODY, hear SUBJECT."""

import asyncio
import json
import sys

import nats


async def serve(connection, subject):
    async def answer(message):
        asked = json.loads(message.data)
        await connection.publish(message.reply, asked["answer"].encode(), headers=asked.get("headers"))

    await connection.subscribe(subject, cb=answer)
    await connection.flush()
    print("serving", flush=True)
    await asyncio.Event().wait()


async def request(connection, subject, body, headers="{}"):
    reply = await connection.request(subject, body.encode(), timeout=5, headers=json.loads(headers) or None)
    print(json.dumps({"body": reply.data.decode(), "headers": dict(reply.headers or {})}), flush=True)


async def publish(connection, subject, body):
    await connection.publish(subject, body.encode())
    await connection.flush()


async def hear(connection, subject):
    subscription = await connection.subscribe(subject)
    await connection.flush()
    print("hearing", flush=True)
    message = await subscription.next_msg(timeout=30)
    print(message.data.decode(), flush=True)


async def main(url, command, *arguments):
    connection = await nats.connect(url, max_reconnect_attempts=0)
    await {"serve": serve, "request": request, "publish": publish, "hear": hear}[command](connection, *arguments)
    await connection.close()


asyncio.run(main(*sys.argv[1:]))
