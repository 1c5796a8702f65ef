// What a process counts of its own work, between two messages of the bench. Each count is exact and does not depend on how
// fast the machine is.
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { checkout } from './checkout.js'

const counts = { sends: 0, frames: 0, writes: 0, sentBytes: 0, copiedBytes: 0 }
let collections = 0
let observing = false

/** The counts up to now. Bytes allocated are exact if nothing is collected between two snapshots. */
export async function snapshot() {
  // Node tells of collections in a later turn.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const { heapUsed, external } = process.memoryUsage()
  return { ...counts, allocated: heapUsed + external, collections }
}

/** Starts from an empty young generation. Needs --expose-gc. */
export async function collect() {
  observeCollections()
  globalThis.gc()
  return snapshot()
}

export function difference(before, after) {
  return Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]))
}

function observeCollections() {
  if (observing) return
  observing = true
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
}

/** Counts what leaves: by the sockets of zeromq that the checkout uses, and by TCP. */
export function countSends() {
  countMessages()
  countWrites()
}

/** A send is one message, of one frame or more. */
function countMessages() {
  const { Dealer, Router } = createRequire(join(checkout, 'packages/zre/package.json'))('zeromq')
  for (const { prototype } of [Dealer, Router]) {
    const { send } = prototype
    replace(prototype, 'send', function (message, ...rest) {
      const frames = Array.isArray(message) ? message : [message]
      counts.sends++
      counts.frames += frames.length
      for (const frame of frames) counts.sentBytes += frame?.byteLength ?? 0
      return send.call(this, message, ...rest)
    })
  }
}

/** A write is one call of the kernel: of one chunk, or of all that was written to the socket while it was corked. */
function countWrites() {
  const { _write: write, _writev: writev } = Socket.prototype
  replace(Socket.prototype, '_write', function (chunk, ...rest) {
    counts.writes++
    counts.sentBytes += chunk.length
    return write.call(this, chunk, ...rest)
  })
  replace(Socket.prototype, '_writev', function (chunks, ...rest) {
    counts.writes++
    for (const { chunk } of chunks) counts.sentBytes += chunk.length
    return writev.call(this, chunks, ...rest)
  })
}

/**
 * Counts the bytes that JavaScript copies from one buffer to another. It does not see `new Uint8Array(array)`, what strings
 * become, what Node's own modules copy within themselves (a stream that joins its chunks), and what is copied
 * outside of JavaScript: by the addon and libzmq (small frames, and reads from sockets) and by the kernel.
 */
export function countCopies() {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype)
  const bytesOf = (result) => result.byteLength
  countResult(Buffer, 'concat', bytesOf)
  countResult(Buffer, 'copyBytesFrom', bytesOf)
  countResult(Buffer, 'from', (result, [source]) => (ArrayBuffer.isView(source) ? result.byteLength : 0))
  countResult(Buffer.prototype, 'copy', (bytes) => bytes)
  countResult(typedArray, 'set', (_result, [source]) => source.byteLength ?? 0)
  countResult(typedArray, 'slice', bytesOf)
  countResult(ArrayBuffer.prototype, 'slice', bytesOf)
}

function countResult(object, name, bytesOf) {
  const method = object[name]
  replace(object, name, function (...args) {
    const result = method.apply(this, args)
    counts.copiedBytes += bytesOf(result, args)
    return result
  })
}

function replace(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, configurable: true })
}
