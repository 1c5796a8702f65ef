import { sleuthError } from '../shared/errors.js'
import type { BodySource } from '../transport/transport.js'
import type { Streamed } from './body.js'

/** Holds a stream to the length that its caller announced, since a service may count on it. */
export function announce(body: Streamed, length: number): void {
  const { open } = body
  body.length = length
  body.open = () => heldTo(length, open())
}

function heldTo(length: number, { next, cancel }: BodySource): BodySource {
  let left = length
  return {
    cancel,
    async next() {
      const bytes = await next()
      left -= bytes?.length ?? 0
      if (left < 0 || (bytes === undefined && left > 0)) throw untrue(length)
      return bytes
    },
  }
}

function untrue(length: number) {
  const problem = `has not the ${length} bytes that its content-length says`
  return sleuthError('SLEUTH_ARGUMENT', { argument: 'body', problem })
}
