/** Where the documentation is. A message names a page by its address, because the packages do not have its file. */
const PAGES = 'https://github.com/sleuth-node/sleuth/blob/main/docs'

/** The address of a page such as `deploy.md`, or of a section of it such as `deploy.md#swarm`. */
export function pageAt(page: string): string {
  return `${PAGES}/${page}`
}

/** A code's number in a trace, and what it says. `{name}` is filled in by whoever raises it. */
export interface CodeRow {
  readonly number: number
  readonly says: string
  /** `SleuthError.statusCode`. Default 500. */
  readonly status?: 502 | 503 | 504
}

/**
 * Every code there is: 801 to 936 are Go sleuth's (error.go), under the same numbers, less those of a node that starts in
 * Go; 1001 and up are ours. A test compares them with `docs/errors.md`.
 */
export const codeTable = {
  SLEUTH_WARN_INTERFACE: {
    number: 801,
    says: 'no network interface is set, so {chosen} is chosen automatically; set options.interface or SLEUTH_INTERFACE to make sure that all peers share a subnet',
  },
  SLEUTH_WARN_CLOSE: { number: 802, says: 'the node left the network, but did not stop cleanly: {why}' },
  SLEUTH_WARN_DUPLICATE: {
    number: 803,
    says: 'waitFor was given the same service more than once ({services}): name each service once',
  },
  SLEUTH_WARN_LATE_JOIN: {
    number: 1041,
    says: 'the service "{service}" joins only now, at its first HTTP request, since no server was seen to listen with its app: call .join() of the middleware once the routes are there',
  },

  SLEUTH_WARN_NO_HTTP: {
    number: 1086,
    says: 'the service "{service}" is not offered, since this NestJS app has no HTTP adapter: it joins as a client; leave out the name, or answer messages by SleuthServer',
  },

  SLEUTH_NEW: { number: 901, says: 'could not join the network: {why}' },
  SLEUTH_DISPATCH: { number: 902, says: 'could not handle a message: {why}' },
  SLEUTH_SERVICE: {
    number: 903,
    says: 'options.handler needs a service name: set options.service, or omit options.handler to be client-only',
  },
  SLEUTH_START: { number: 905, says: 'could not start the node: {why}' },
  SLEUTH_INTERFACE: {
    number: 907,
    says: '{why}; set options.interface (or SLEUTH_INTERFACE) to one that exists',
  },
  SLEUTH_PORT: {
    number: 908,
    says: 'cannot use UDP port {port}: {why}; set options.port to a free port, and to the same one for all peers',
  },
  SLEUTH_DISPATCH_HEADER: {
    number: 914,
    says: 'dropped a message that does not begin with the group "{group}": it is not meant for sleuth',
  },
  SLEUTH_DISPATCH_ACTION: {
    number: 915,
    says: 'dropped a message with an unknown action',
  },
  SLEUTH_SCHEME: {
    number: 916,
    says: 'the URL must begin with "sleuth://", as in sleuth://service/path: {url}',
  },
  SLEUTH_RESPONSE_UNMARSHAL: { number: 917, status: 502, says: 'could not read a reply: {why}' },
  SLEUTH_RESPONSE_JSON: { number: 918, status: 502, says: 'dropped a malformed reply: {why}' },
  SLEUTH_UNKNOWN_SERVICE: {
    number: 919,
    status: 503,
    says: `no instance of "{service}" is known; {known}: check the name, await sleuth.waitFor("{service}"), or see ${pageAt('troubleshooting.md')}`,
  },
  SLEUTH_NO_MATCH: {
    number: 1070,
    status: 503,
    says: 'no instance of "{service}" matches {what}; instances: {there}',
  },
  SLEUTH_TIMEOUT: {
    number: 920,
    status: 504,
    says: '{what} timed out after {timeout} ms: {hint}',
  },
  SLEUTH_RECV: {
    number: 921,
    says: 'dropped a reply with an unknown handle: its call has already ended, or was never made',
  },
  SLEUTH_REPL: { number: 922, says: 'could not answer a request: {why}' },
  SLEUTH_LOG_LEVEL: {
    number: 923,
    says: 'options.logLevel {level} is unknown, so "debug" is used: choose one of {levels}',
  },
  SLEUTH_ADD: {
    number: 924,
    says: 'ignored a peer that is in the group: {problem}',
  },
  SLEUTH_LABELS: {
    number: 1087,
    says: 'ignored the labels of the peer {peer}: they are no JSON object of texts without control characters, or larger than 1024 bytes',
  },
  SLEUTH_REQUEST_MARSHAL: { number: 925, says: 'could not read the request body: {why}' },
  SLEUTH_REQUEST_UNMARSHAL: { number: 926, says: 'could not read a request: {why}' },
  SLEUTH_REQUEST_JSON: { number: 927, says: 'dropped a malformed request: {why}' },
  SLEUTH_REQUEST_HTTP: {
    number: 928,
    says: 'rejected a request that is not valid HTTP: {why}',
  },
  SLEUTH_REQUEST_WHISPER: {
    number: 929,
    status: 503,
    says: 'could not send the request to {peer}: {why}; it did not run, so it is safe to retry',
  },
  SLEUTH_RESPONSE_WHISPER: { number: 930, says: 'could not send a reply: {why}' },
  SLEUTH_LEAVE: { number: 931, says: 'could not leave the group: {why}' },
  SLEUTH_UNZIP: { number: 932, status: 502, says: 'dropped a message that is not gzip' },
  SLEUTH_UNZIP_READ: {
    number: 933,
    status: 502,
    says: 'dropped a message that could not be unzipped: {why}',
  },
  SLEUTH_DO: { number: 934, status: 502, says: 'the call failed: {why}' },
  SLEUTH_CLOSED: {
    number: 935,
    status: 503,
    says: 'this sleuth is closed: create a new one with createSleuth()',
  },
  SLEUTH_WAIT: { number: 936, says: 'the wait failed: {why}' },

  SLEUTH_OPTION: { number: 1001, says: 'options.{option} {problem}' },
  SLEUTH_HANDLER: {
    number: 1002,
    says: 'the service "{service}" needs a handler: set options.handler, or leave out options.service to be client-only',
  },
  SLEUTH_DISABLED: {
    number: 1003,
    status: 503,
    says: 'sleuth is disabled (options.enabled is false), so nothing is sent',
  },
  SLEUTH_NOT_JOINED: { number: 1004, status: 503, says: 'sleuth has not joined its network yet: {hint}' },
  SLEUTH_URL: { number: 1005, says: 'the URL names no service: write it as sleuth://service/path: {url}' },
  SLEUTH_ARGUMENT: { number: 1006, says: '{argument} {problem}' },
  SLEUTH_TOO_LARGE: {
    number: 1007,
    says: '{what} is larger than options.limits.{limit} ({size}): send less, or raise the limit at both ends',
  },
  SLEUTH_PEER_GONE: {
    number: 1008,
    status: 502,
    says: 'lost the connection to the instance {peer} of "{service}" before it answered ({reason}): mayHaveRun says whether the request may have run',
  },
  SLEUTH_DESTINATION: {
    number: 1009,
    says: 'dropped a request that wants its answer sent to a peer other than its sender',
  },
  SLEUTH_NO_HANDLER: { number: 1010, says: 'dropped a request: this sleuth is client-only' },
  SLEUTH_NOT_MOUNTED: { number: 1012, says: 'the service "{service}" has no app to answer for it: {hint}' },
  SLEUTH_CUT: {
    number: 1013,
    status: 502,
    says: 'the call to the instance {peer} of "{service}" was aborted: {why}',
  },
  SLEUTH_PACKET: { number: 1014, says: 'could not read a packet, so the rest of it was dropped: {why}' },
  SLEUTH_CONNECTION: { number: 1052, says: 'closed a direct connection: {why}' },
  SLEUTH_CALLER_GONE: {
    number: 1015,
    says: 'the client of the request that this call was made for has disconnected, so nobody waits for the answer',
  },
  SLEUTH_UPGRADE: {
    number: 1016,
    says: '{what}: protocol upgrades are not supported over sleuth; use HTTP',
  },
  SLEUTH_DRAINING: {
    number: 1017,
    status: 503,
    says: 'the instance {peer} of "{service}" is shutting down and rejected the request; it did not run, so it is safe to retry',
  },
  SLEUTH_OVERLOADED: {
    number: 1018,
    status: 503,
    says: 'the instance {peer} of "{service}" is at capacity (maxInflight or limits), or not ready, and rejected the request; it did not run, so retry later',
  },
  SLEUTH_USERINFO: {
    number: 1040,
    says: 'the URL must not contain a user or password before the service; send an authorization header instead: {url}',
  },
  SLEUTH_REDIRECT: { number: 1048, status: 502, says: 'a redirect was not followed: {why}' },
  SLEUTH_INSPECT_PEER: {
    number: 1060,
    status: 503,
    says: 'the peer {peer} is not present: take the id of an instance of sleuth.services(), or of a peer of sleuth.peers() whose state is "connected" or "idle"',
  },
  SLEUTH_INSPECT_UNSUPPORTED: {
    number: 1061,
    says: 'the peer {peer} can not be asked for "{subject}": a node of sleuth for Go, of wire 1, or of another version does not know the question',
  },
  SLEUTH_INSPECT_REFUSED: {
    number: 1062,
    says: 'the peer {peer} does not tell this node its "{subject}": its option introspection decides who may ask',
  },
  SLEUTH_INSPECT_BUSY: {
    number: 1063,
    status: 503,
    says: 'too many questions are asked at a time, so that for "{subject}" of the peer {peer} was not answered: ask again in a second',
  },
  SLEUTH_INSPECT_TIMEOUT: {
    number: 1064,
    status: 504,
    says: 'the peer {peer} did not answer the question for "{subject}" within {timeout} ms: it is busy, or an earlier version that passes questions over; raise the timeout, or update it',
  },
  SLEUTH_INSPECT_FAILED: {
    number: 1065,
    status: 502,
    says: 'the peer {peer} gave no report of "{subject}": {why}',
  },
  SLEUTH_INSPECT_MESSAGE: {
    number: 1066,
    says: 'dropped {what} about a node: {why}',
  },
  SLEUTH_INSPECT: { number: 1068, says: 'the question about a node failed: {why}' },
  SLEUTH_READY: {
    number: 1069,
    says: 'options.ready {why}; this instance counts as not ready, and gets calls only if no other is',
  },
  SLEUTH_INTROSPECTION: {
    number: 1067,
    says: 'options.introspection did not decide, so the peer was refused: {why}; let it return true or false, and not throw',
  },
  SLEUTH_EMIT: { number: 1080, says: 'the event was not emitted: {why}' },
  SLEUTH_EVENT_LISTENER: {
    number: 1081,
    says: 'a listener of the events "{pattern}" failed at "{topic}": {why}',
  },
  SLEUTH_EVENT_MESSAGE: { number: 1082, says: 'dropped {what} of a peer: {why}' },
  SLEUTH_EVENT_QUEUE: {
    number: 1083,
    says: 'dropped an event for {who}, for which more than options.limits.eventQueue waits: await emit(), emit less, or let listeners end sooner',
  },
  SLEUTH_PATTERNS: {
    number: 1084,
    says: 'there are as many subscriptions as options.limits.patterns ({limit}) allows: subscribe to fewer patterns, such as "order.*", or raise the limit at all nodes',
  },
  SLEUTH_LOGGER: {
    number: 1085,
    says: 'options.logger failed, and may fail again without another word: {why}; what sleuth logs is lost meanwhile',
  },
  SLEUTH_KEY: { number: 1030, says: 'options.{why}' },
  SLEUTH_ALLOW: { number: 1031, says: 'options.{why}' },
  SLEUTH_LISTEN: {
    number: 1032,
    says: '{why}; set options.listen (or SLEUTH_LISTEN) to a free port and an address of this host',
  },
  SLEUTH_DISCOVERY: { number: 1033, says: '{why}' },
  SLEUTH_NODE_VERSION: {
    number: 1034,
    says: 'this is Node {version}: install Node 22.12 or later, or Node 20 from 20.19 on',
  },
  SLEUTH_SOCKET_WRITE: {
    number: 1050,
    says: 'the handler wrote to its socket before it had sent a head: answer by the response object',
  },
  SLEUTH_FILTER: {
    number: 1051,
    says: 'options.filter gave a promise, or another object with a method "then": the request was refused; let filter return true or false',
  },
  SLEUTH_FETCH_HANDLER: {
    number: 1053,
    says: 'the fetch handler gave no Response that can be sent for {method} {url}: {why}',
  },
  SLEUTH_REQUEST_BODY: {
    number: 1054,
    says: 'the body of {method} {url} can not be read any more: {why}',
  },
  SLEUTH_REPLY_PEER: {
    number: 1011,
    says: 'dropped a reply from a peer other than the one that was called',
  },
} as const satisfies Record<string, CodeRow>

/** What `SleuthError.code` may be. */
export type SleuthErrorCode = keyof typeof codeTable
