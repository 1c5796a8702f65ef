import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sleuth } from '@sleuth/core'
import { forward, type Reply } from '@sleuth/core/adapter'
import { drained, NotDrained } from '../proxy/drained.js'
import { sendProblem } from '../proxy/problem.js'
import { ClientGone, GatewayError, headTimeout, problemOf } from './failure.js'
import { rewriteHeaders, type Seen } from './location.js'
import type { GatewayOptions } from './options.js'
import { ownFault, uploadOf } from './upload.js'

export interface GatewayCall {
  readonly sleuth: Sleuth
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly seen: Seen
  /** Path and query, for the service. */
  readonly url: string
  /** The headers for the service: names and values alternate. */
  readonly headers: readonly string[]
  readonly select: GatewayOptions['select']
  readonly timeout: number
  readonly stallTime: number
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  failed(code: string): void
}

/** Calls the service and passes its response on as it comes. Never rejects. */
export async function passOn(call: GatewayCall): Promise<void> {
  const { res, seen, failed } = call
  const abort = new AbortController()
  const hangUp = () => abort.abort(new ClientGone('the client hung up'))
  res.once('close', hangUp)
  try {
    const reply = await answered(call, abort)
    await respond(call, reply)
  } catch (error) {
    if (error instanceof ClientGone || abort.signal.reason instanceof ClientGone) {
      failed('client')
      res.destroy()
      return
    }
    if (error instanceof NotDrained) {
      failed('DOWNLOAD_STALLED')
      res.destroy()
      return
    }
    const problem = problemOf(ownFault(error) ?? error, seen.service)
    failed(problem.code)
    sendProblem(res, problem)
  } finally {
    res.off('close', hangUp)
  }
}

/**
 * With a stream for a body, the time for the head counts only while the service has all that has come: an upload may take as
 * long as it takes.
 */
async function answered(call: GatewayCall, abort: AbortController): Promise<Reply> {
  const { sleuth, req, res, seen, url, headers, select, timeout, stallTime, expectsContinue } = call
  const headTime = new HeadTime(timeout, () => abort.abort(headTimeout(timeout)))
  const body = uploadOf({
    req,
    stallTime: () => (headTime.isOver ? Infinity : stallTime),
    begin: () => void (expectsContinue && res.writeContinue()),
    waits: () => headTime.pause(),
    passes: () => headTime.restart(),
  })
  const isStream = body !== undefined && !(body instanceof Promise)
  const init = {
    ...select,
    method: req.method,
    headers: pairs(headers),
    body: await body,
    timeout: isStream ? Infinity : timeout,
    signal: abort.signal,
  }
  if (isStream) headTime.restart()
  else headTime.end()
  try {
    return await forward(sleuth, `sleuth://${seen.service}${url}`, init)
  } finally {
    headTime.end()
  }
}

/** The time that the service has for the head of its response. */
class HeadTime {
  isOver = false
  #timer: NodeJS.Timeout | undefined
  readonly #time: number
  readonly #passed: () => void

  constructor(time: number, passed: () => void) {
    this.#time = time
    this.#passed = passed
  }

  restart(): void {
    this.pause()
    if (!this.isOver && this.#time < Infinity) this.#timer = setTimeout(this.#passed, this.#time)
  }

  pause(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    this.isOver = true
    this.pause()
  }
}

function pairs(fields: readonly string[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < fields.length; i += 2) list.push([fields[i] as string, fields[i + 1] as string])
  return list
}

async function respond({ res, req, seen, stallTime }: GatewayCall, reply: Reply): Promise<void> {
  const { code, headers, body } = reply
  if (code < 200 || code > 999) {
    if (!Buffer.isBuffer(body)) body.cancel()
    throw new GatewayError({
      status: 502,
      code: 'BAD_STATUS',
      detail: `the service answered with the status ${code}`,
    })
  }
  const fields = rewriteHeaders(headers, seen)
  if (Buffer.isBuffer(body)) {
    const hasNone = req.method === 'HEAD' || code === 204 || code === 304
    if (!hasNone && !fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length'))
      fields.push('Content-Length', String(body.length))
    res.writeHead(code, fields)
    res.end(body)
    return
  }
  res.writeHead(code, fields)
  // The head of a response whose body takes its time, such as a stream of events.
  res.flushHeaders()
  try {
    for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read())
      for (const part of partsOf(chunk)) if (!res.write(part)) await drained(res, stallTime)
    res.end()
  } catch (error) {
    body.cancel()
    throw error
  }
}

/** The bytes that a slow client must take in `stallTime`. */
const PART = 32 * 1024

function* partsOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PART) yield bytes.subarray(at, at + PART)
}
