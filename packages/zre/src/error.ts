export type ZreErrorCode =
  /** An option is wrong; the message names it and says what would be right. */
  | 'ZRE_OPTION'
  /** A key is wrong; the message names it and says how. */
  | 'ZRE_KEY'
  /** `security.allow` can't be used: a file that can't be read, a line that is no key. */
  | 'ZRE_ALLOW'
  /** No such network interface; the message lists those that exist. */
  | 'ZRE_INTERFACE'
  /** The discovery port or the inbox can't be bound. */
  | 'ZRE_PORT'
  /** The inbox can't be bound where `listen` says. */
  | 'ZRE_LISTEN'
  /** A discovery can't start. */
  | 'ZRE_DISCOVERY'
  /** No peer of that id is present. */
  | 'ZRE_UNKNOWN_PEER'
  /** The peer does not take messages as fast as they are sent to it. */
  | 'ZRE_QUEUE_FULL'
  /** The native addon of zeromq can't be loaded: not installed, or not built for this platform. */
  | 'ZRE_ADDON'
  | 'ZRE_CLOSED'

export class ZreError extends Error {
  readonly code: ZreErrorCode

  constructor(code: ZreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ZreError'
    this.code = code
  }
}
