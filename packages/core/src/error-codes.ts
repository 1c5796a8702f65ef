/** A code's number in a trace, and what it says. `{name}` is filled in by whoever raises it. */
export interface CodeRow {
  readonly number: number
  readonly says: string
}

/**
 * Every code there is: 801 to 936 are Go sleuth's (error.go), under the same numbers; 1001 and up are ours. Held to
 * `docs/errors.md` by a test.
 */
export const codeTable = {
  SLEUTH_WARN_INTERFACE: {
    number: 801,
    says: 'no interface is set, so one is chosen: set options.interface or SLEUTH_INTERFACE to be sure that all peers share a subnet',
  },
  SLEUTH_WARN_CLOSE: { number: 802, says: 'the node did not stop cleanly, though it has left: {why}' },
  SLEUTH_WARN_DUPLICATE: {
    number: 803,
    says: 'waitFor was given duplicates ({services}): name each service once',
  },

  SLEUTH_NEW: { number: 901, says: 'the network could not be joined: {why}' },
  SLEUTH_DISPATCH: { number: 902, says: 'a message could not be understood: {why}' },
  SLEUTH_SERVICE: {
    number: 903,
    says: 'a handler needs a service name: set options.service, or leave out options.handler to be client-only',
  },
  SLEUTH_INITIALIZE: { number: 904, says: 'the node could not be made: {why}' },
  SLEUTH_START: { number: 905, says: 'the node could not start: {why}' },
  SLEUTH_JOIN: { number: 906, says: 'the group could not be joined: {why}' },
  SLEUTH_INTERFACE: {
    number: 907,
    says: '{why}; set options.interface (or SLEUTH_INTERFACE) to one that exists',
  },
  SLEUTH_PORT: {
    number: 908,
    says: 'UDP port {port} can not be used: {why}; set options.port to a free port, the same for all peers',
  },
  SLEUTH_NODE_HEADER: { number: 909, says: 'the header "node" could not be set: {why}' },
  SLEUTH_SERVICE_HEADER: { number: 910, says: 'the header "type" could not be set: {why}' },
  SLEUTH_VERSION_HEADER: { number: 911, says: 'the header "version" could not be set: {why}' },
  SLEUTH_GROUP_HEADER: { number: 912, says: 'the header "group" could not be set: {why}' },
  SLEUTH_VERBOSE: { number: 913, says: 'verbose output could not be switched on: {why}' },
  SLEUTH_DISPATCH_HEADER: {
    number: 914,
    says: 'a message does not begin with the group "{group}": it is not for sleuth, and was dropped',
  },
  SLEUTH_DISPATCH_ACTION: {
    number: 915,
    says: 'a message asks for the unknown action {action}, and was dropped',
  },
  SLEUTH_SCHEME: {
    number: 916,
    says: 'the URL must begin with "sleuth://", as in sleuth://service/path: {url}',
  },
  SLEUTH_RESPONSE_UNMARSHAL: { number: 917, says: 'a reply could not be read: {why}' },
  SLEUTH_RESPONSE_JSON: { number: 918, says: 'a reply is not what sleuth sends ({why}), and was dropped' },
  SLEUTH_UNKNOWN_SERVICE: {
    number: 919,
    says: 'no instance of "{service}" is known: check the name, await sleuth.waitFor("{service}"), or see docs/troubleshooting.md',
  },
  SLEUTH_TIMEOUT: {
    number: 920,
    says: '{what} timed out after {timeout} ms: raise the timeout if it needs longer',
  },
  SLEUTH_RECV: {
    number: 921,
    says: 'a reply has an unknown handle: its call was settled before, or never made; it was dropped',
  },
  SLEUTH_REPL: { number: 922, says: 'a request could not be answered: {why}' },
  SLEUTH_LOG_LEVEL: {
    number: 923,
    says: 'options.logLevel {level} is unknown, using "debug": choose one of {levels}',
  },
  SLEUTH_ADD: {
    number: 924,
    says: 'peer {name} is in the group but does not say its service and node (type {service}, node {node}): it is ignored',
  },
  SLEUTH_REQUEST_MARSHAL: { number: 925, says: 'the request body could not be read: {why}' },
  SLEUTH_REQUEST_UNMARSHAL: { number: 926, says: 'a request could not be read: {why}' },
  SLEUTH_REQUEST_JSON: { number: 927, says: 'a request is not what sleuth sends ({why}), and was dropped' },
  SLEUTH_REQUEST_HTTP: {
    number: 928,
    says: 'a request is not valid HTTP ({why}), and was refused',
  },
  SLEUTH_REQUEST_WHISPER: {
    number: 929,
    says: 'the request could not be sent to {peer} and has not run: {why}; it may be sent again',
  },
  SLEUTH_RESPONSE_WHISPER: { number: 930, says: 'the reply could not be sent to {peer}: {why}' },
  SLEUTH_LEAVE: { number: 931, says: 'the group could not be left: {why}' },
  SLEUTH_UNZIP: { number: 932, says: 'a message is not gzip, and was dropped' },
  SLEUTH_UNZIP_READ: { number: 933, says: 'a message could not be unzipped ({why}), and was dropped' },
  SLEUTH_DO: { number: 934, says: 'the call failed: {why}' },
  SLEUTH_CLOSED: { number: 935, says: 'this sleuth is closed: make a new one with createSleuth()' },
  SLEUTH_WAIT: { number: 936, says: 'the wait failed: {why}' },

  SLEUTH_OPTION: { number: 1001, says: 'options.{option} {problem}' },
  SLEUTH_HANDLER: {
    number: 1002,
    says: 'the service "{service}" needs a handler: set options.handler, or leave out options.service to be client-only',
  },
  SLEUTH_DISABLED: {
    number: 1003,
    says: 'sleuth is switched off by options.enabled: false, so nothing is sent',
  },
  SLEUTH_NOT_JOINED: { number: 1004, says: 'sleuth has not joined its network yet: {hint}' },
  SLEUTH_URL: { number: 1005, says: 'the URL names no service: write it as sleuth://service/path: {url}' },
  SLEUTH_ARGUMENT: { number: 1006, says: '{argument} {problem}' },
  SLEUTH_TOO_LARGE: {
    number: 1007,
    says: '{what} is larger than options.limits.{limit} allows ({bytes} bytes): send less, or raise it at both ends',
  },
  SLEUTH_PEER_GONE: {
    number: 1008,
    says: 'the instance {peer} of "{service}" went ({reason}) before it answered: it may have run the request',
  },
  SLEUTH_DESTINATION: {
    number: 1009,
    says: 'a request wants its answer sent to another peer than its sender: it was dropped',
  },
  SLEUTH_NO_HANDLER: { number: 1010, says: 'a request came, but this sleuth is client-only: it was dropped' },
  SLEUTH_NOT_MOUNTED: { number: 1012, says: 'the service "{service}" has no app to answer for it: {hint}' },
  SLEUTH_CUT: {
    number: 1013,
    says: 'the call to the instance {peer} of "{service}" was cut off: {why}',
  },
  SLEUTH_PACKET: { number: 1014, says: 'a packet could not be read ({why}), and the rest of it was dropped' },
  SLEUTH_CALLER_GONE: {
    number: 1015,
    says: 'the caller of the request that this call is made for has hung up: nobody waits for the answer',
  },
  SLEUTH_UPGRADE: {
    number: 1016,
    says: '{what} asks for a connection of its own, which sleuth can not carry: use HTTP for it',
  },
  SLEUTH_DRAINING: {
    number: 1017,
    says: 'the instance {peer} of "{service}" leaves, and did not take the request: it has not run, and may be sent again',
  },
  SLEUTH_OVERLOADED: {
    number: 1018,
    says: 'the instance {peer} of "{service}" has as many requests as it takes: this one has not run, and may be sent again later',
  },
  SLEUTH_USERINFO: {
    number: 1040,
    says: 'the URL must not hold a user or password before the service; send an authorization header instead: {url}',
  },
  SLEUTH_KEY: { number: 1030, says: 'options.{why}' },
  SLEUTH_ALLOW: { number: 1031, says: 'options.{why}' },
  SLEUTH_SOCKET_WRITE: {
    number: 1050,
    says: 'the handler wrote to its socket before it had sent a head: answer by the response object',
  },
  SLEUTH_FILTER: {
    number: 1051,
    says: 'options.filter gave a promise, or another object with a method "then": the request was refused; let filter return true or false',
  },
  SLEUTH_REPLY_PEER: {
    number: 1011,
    says: 'a reply came from another peer than the one that was asked: it was dropped',
  },
} as const satisfies Record<string, CodeRow>

/** What `SleuthError.code` may be. */
export type SleuthErrorCode = keyof typeof codeTable
