/** Opens and closes a client so many times, one after the other; how long each took to open, in milliseconds. */
export async function measureConnects(open, { count }) {
  const times = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    const client = await open();
    times.push(performance.now() - startedAt);
    await client.close();
  }
  return times;
}
