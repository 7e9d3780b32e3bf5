/** A request that is not what it seems. */
export interface AmbiguousRequest {
  readonly name: string;
  readonly bytes: string;
  /** What the statuses of all answers on its connection have to match, in order; none at all is a connection broken off. */
  readonly answers: RegExp;
}

/** Stands in the body of every request that is hidden in another, and in that of the other; each has two digits. */
export const smuggledText = "smuggled-##";
export const carriedText = "carried-##";

const refused = /^(?:400|501)?$/;
const notFound = /^404( 400)?$/;
const hiddenBody = `{"text":"${smuggledText}"}`;
const hidden =
  `POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${hiddenBody.length}\r\n\r\n${hiddenBody}`;
const carrierBody = `{"text":"${carriedText}"}`;

/** A request with these lines between the usual ones and its body. */
function carrier(lines: readonly string[], body: string, end = "\r\n"): string {
  const head = ["POST /trial/v1/say HTTP/1.1", "Host: a", "Content-Type: application/json", ...lines];
  return head.join(end) + end + end + body;
}

/** One request for who believes the length, two for who believes the chunks. */
function hiddenBehindChunks(value: string): AmbiguousRequest {
  const body = `0\r\n\r\n${hidden}`;
  return {
    name: `Transfer-Encoding${JSON.stringify(value)} and a length of all`,
    bytes: carrier([`Transfer-Encoding${value}`, `Content-Length: ${body.length}`], body),
    answers: refused,
  };
}

/** The other way round. */
function hiddenInChunk(value: string): AmbiguousRequest {
  const size = `${hidden.length.toString(16)}\r\n`;
  return {
    name: `Transfer-Encoding${JSON.stringify(value)} and a length of little`,
    bytes: carrier([`Transfer-Encoding${value}`, `Content-Length: ${size.length}`], `${size}${hidden}\r\n0\r\n\r\n`),
    answers: refused,
  };
}

/** As some reader may take it for chunks. */
const spellings = [
  ": chunked",
  " : chunked",
  ":\tchunked",
  ":\vchunked",
  ": xchunked",
  ": chunked, identity",
  ": identity, chunked",
  ": chunked\r\nTransfer-Encoding: identity",
  ": identity\r\nTransfer-Encoding: chunked",
  ": chunked, chunked",
  ": CHUNKED",
  ': "chunked"',
  ": gzip, chunked",
  ": chunked;q=1",
  "\r\n : chunked",
  ": chun\r\n ked",
  ": chunked\0",
];

/** Whoever believes the one header sees one request, whoever believes the other sees two. */
const twoLengths: readonly AmbiguousRequest[] = [
  ...spellings.map(hiddenBehindChunks),
  ...spellings.map(hiddenInChunk),
  // An empty list names no coding, so that the length is right.
  hiddenBehindChunks(":"),
  ...[
    "xchunked",
    "chunked, identity",
    "identity",
    "gzip",
    "gzip, chunked",
    "chunked, chunked",
    "chunked\v",
    '"chunked"',
  ].map((value): AmbiguousRequest => ({
    name: `Transfer-Encoding ${JSON.stringify(value)} alone`,
    bytes: carrier([`Transfer-Encoding: ${value}`], `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`),
    answers: /^(?:400|413|415|501)?$/,
  })),
  ...["5\r\nContent-Length: 6", "5, 6", "+18", "-1", "18 18", "0x12", "1e1", "18;", "99999999999999999999", "\u00b2"]
    .map((value): AmbiguousRequest => ({
      name: `Content-Length ${JSON.stringify(value)}`,
      bytes: carrier([`Content-Length: ${value}`], carrierBody + hidden),
      answers: refused,
    })),
];

/** Lines that some readers end or fold elsewhere. */
const strangeLines: readonly AmbiguousRequest[] = [
  {
    name: "a folded header that is a length",
    bytes: carrier([`X-Fold: a\r\n Content-Length: ${hidden.length}`, "Content-Length: 0"], hidden),
    answers: /^(?:400|400 .*)?$/,
  },
  { name: "a folded length", bytes: carrier(["Content-Length:\r\n 18"], carrierBody + hidden), answers: refused },
  {
    name: "lines that end with LF",
    bytes: carrier([`Content-Length: ${carrierBody.length}`], carrierBody, "\n"),
    answers: refused,
  },
  {
    name: "one line that ends with LF",
    bytes: carrier([`X: a\nContent-Length: ${hidden.length}`, "Content-Length: 0"], hidden),
    answers: refused,
  },
  {
    name: "a line that ends with CR",
    bytes: carrier([`X: a\rContent-Length: ${hidden.length}`, "Content-Length: 0"], hidden),
    answers: refused,
  },
  {
    name: "a head that ends with LF LF",
    bytes: `POST /trial/v1/say HTTP/1.1\r\nHost: a\n\n${hidden}`,
    answers: refused,
  },
  { name: "NUL in a header", bytes: carrier(["X: a\0b", "Content-Length: 0"], hidden), answers: refused },
  { name: "a header without a colon", bytes: carrier(["X", "Content-Length: 0"], hidden), answers: refused },
  { name: "a header with a space before its colon", bytes: carrier(["Content-Length : 0"], hidden), answers: refused },
  { name: "a header without a name", bytes: carrier([": a", "Content-Length: 0"], hidden), answers: refused },
  {
    name: "a first header with a space before it",
    bytes: `POST /trial/v1/say HTTP/1.1\r\n Host: a\r\n\r\n${hidden}`,
    answers: refused,
  },
  // Node's server takes the first; the gateway uses none.
  { name: "two hosts", bytes: carrier(["Host: b", "Content-Length: 0"], ""), answers: /^400$/ },
  { name: "no host", bytes: `POST /trial/v1/say HTTP/1.1\r\n\r\n`, answers: refused },
];

/** Chunks whose sizes are read in two ways. */
const strangeChunks: readonly AmbiguousRequest[] = [
  "-1\r\n",
  "0x0\r\n",
  " 0\r\n\r\n",
  "g\r\n",
  "FFFFFFFFFFFFFFFFF\r\n",
  "0\n\n",
  "0\r\n\n",
  "0;\n\r\n",
  "1\r\naX0\r\n\r\n",
  "1\na\n0\n\n",
  "\r\n0\r\n\r\n",
].map((start) => ({
  name: `chunk ${JSON.stringify(start)}`,
  bytes: carrier(["Transfer-Encoding: chunked"], start + hidden),
  answers: /^(?:400|413|408)?$/,
}));

/** Request lines and methods that lead elsewhere. */
const strangeStarts: readonly AmbiguousRequest[] = [
  { name: "HTTP/0.9", bytes: `GET /healthz\r\n\r\n${hidden}`, answers: /^(?:200|400)?$/ },
  { name: "HTTP/2 by surprise", bytes: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`, answers: refused },
  {
    name: "a version that is none",
    bytes: `POST /trial/v1/say HTTP/1.9\r\nHost: a\r\n\r\n${hidden}`,
    answers: refused,
  },
  {
    name: "a space in the path",
    bytes: `POST /trial/v1/say HTTP/1.1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
    answers: refused,
  },
  { name: "CONNECT", bytes: `CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`, answers: /^(?:4\d\d|501)?$/ },
  {
    name: "an upgrade to HTTP/2",
    bytes:
      `POST /trial/v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: notFound,
  },
  {
    name: "an upgrade to WebSocket",
    bytes:
      `GET /trial/v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: notFound,
  },
  {
    name: "an expectation that nobody meets",
    bytes:
      `POST /trial/v1/nothing HTTP/1.1\r\nHost: a\r\nExpect: smuggling\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: /^(?:404|417)?$/,
  },
  {
    name: "GET with a body",
    bytes: `GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: /^200$/,
  },
  {
    name: "GET with chunks",
    bytes: `GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${
      hidden.length.toString(16)
    }\r\n${hidden}\r\n0\r\n\r\n`,
    answers: /^200$/,
  },
  {
    name: "an unknown path with a body that nobody reads",
    bytes: `POST /trial/v1/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: /^404$/,
  },
  {
    name: "a body of another type that nobody reads",
    bytes:
      `POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    answers: /^415$/,
  },
  {
    name: "a path with a line end, escaped",
    bytes: `POST /trial/v1/nothing%0d%0aHost:%20a%0d%0a%0d%0a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
    answers: /^404$/,
  },
  {
    name: "a path with a line end in Latin-1",
    bytes: `POST /trial/v1/say\u010d\u010a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
    answers: /^(?:400|404)?$/,
  },
];

/** What is no smuggling: a second request behind the first, which both readers see. */
export const twoRequests: string = carrier([`Content-Length: ${carrierBody.length}`], carrierBody) + hidden;

/** All of them. */
export const ambiguousRequests: readonly AmbiguousRequest[] = [
  ...twoLengths,
  ...strangeLines,
  ...strangeChunks,
  ...strangeStarts,
];
