// Which transport the page uses: ?transport=memory, nats or http. The other two are not loaded.
const transports = {
  memory: () => import("./memory.js"),
  nats: () => import("./nats.js"),
  http: () => import("./http.js"),
};
const wanted = new URLSearchParams(location.search).get("transport") ?? "memory";
await transports[wanted]();
