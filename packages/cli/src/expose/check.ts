import { request } from 'node:http'
import { connect } from 'node:net'
import type { Verdict } from './health.js'
import type { Target } from './target.js'

/** Milliseconds that one check may take. */
const CHECK_TIME = 5000

/** Asks the server how it is: with a path, by GET and a status from 200 to 399, else by a connection that it takes. */
export async function check(target: Target, path: string | undefined, signal: AbortSignal): Promise<Verdict> {
  // A connection that fails leaves its listener at the signal: so each has a signal of its own.
  const own = new AbortController()
  const stop = () => own.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    return await (path === undefined ? connects(target, own.signal) : answers(target, path, own.signal))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function connects({ host, port }: Target, signal: AbortSignal): Promise<Verdict> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal, timeout: CHECK_TIME })
    const end = (verdict: Verdict) => {
      socket.destroy()
      resolve(verdict)
    }
    socket
      .once('connect', () => end({ ok: true, why: '' }))
      .once('timeout', () => end({ ok: false, why: `it took no connection within ${CHECK_TIME} ms` }))
      .on('error', (error) => end({ ok: false, why: error.message }))
  })
}

function answers(
  { host, port, authority, base }: Target,
  path: string,
  signal: AbortSignal,
): Promise<Verdict> {
  return new Promise((resolve) => {
    const headers = { host: authority, 'user-agent': 'sleuth-expose', connection: 'close' }
    const req = request({ host, port, path: `${base}${path}`, headers, agent: false, signal })
    const late = () => req.destroy(new Error(`${path} did not answer within ${CHECK_TIME} ms`))
    const timer = setTimeout(late, CHECK_TIME)
    req
      .once('response', (res) => {
        const { statusCode = 0 } = res
        res.destroy()
        const ok = statusCode >= 200 && statusCode < 400
        resolve({ ok, why: ok ? '' : `${path} answered ${statusCode}` })
      })
      .on('error', (error) => resolve({ ok: false, why: error.message }))
      .once('close', () => clearTimeout(timer))
      .end()
  })
}
