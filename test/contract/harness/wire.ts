import type { Answer, Request } from './message.js'

/** A way for a request to reach the app. Every case runs over each wire, and each must answer as HTTP does. */
export interface Wire {
  readonly name: string
  /** Whether a path arrives as it was written. `fetch`, and so `do`, resolves `..` and escapes. */
  readonly exactPath: boolean
  /** Whether a reply travels as one message, which can not break off. */
  readonly whole: boolean
  readonly sleuth: boolean
  send(request: Request): Promise<Answer>
}
