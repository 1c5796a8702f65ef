import type { Writable } from 'node:stream'

/** The reader of a stream took nothing for too long, or has gone. */
export class NotDrained extends Error {
  override readonly name = 'NotDrained'
}

/** Waits until a stream wants more. Rejects if it closes before that, and after `time` milliseconds in which nobody took anything. */
export function drained(stream: Writable, time: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed) {
      reject(new NotDrained('the reader has gone'))
      return
    }
    const timer = setTimeout(() => done(new NotDrained(`the reader took nothing for ${time} ms`)), time)
    const drain = () => done()
    const close = () => done(new NotDrained('the reader has gone'))
    stream.once('drain', drain).once('close', close)
    function done(error?: Error): void {
      clearTimeout(timer)
      stream.off('drain', drain).off('close', close)
      if (error === undefined) resolve()
      else reject(error)
    }
  })
}
