import { once } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http'
import { discard, readerOf } from './check-response.js'
import type { Hangup } from './hangup.js'
import { honoBodyOf } from './hono-body.js'
import { takesStatusText } from './http2.js'
import { wholeBody } from './whole-body.js'

/** With this header Hono says that the handler answers by `outgoing`, now or later: `RESPONSE_ALREADY_SENT`. */
const ALREADY_SENT = 'x-hono-already-sent'

/** Writes a `Response`. A body that is known whole is one write. A stream is read as fast as its reader takes it. */
export async function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  response: Response,
  hangup: Hangup,
): Promise<void> {
  const headers = headersOf(response)
  const mayHaveBody = response.status !== 204 && response.status !== 304
  const hasBody = mayHaveBody && req.method !== 'HEAD'
  // That of HEAD tells the length that GET has (RFC 9110, section 9.3.2), and Node leaves it out.
  const whole = mayHaveBody ? wholeBody(response) : undefined
  if (whole !== undefined) {
    end(res, response, headers, whole)
    return
  }
  const { body = null } = response
  if (body === null && response.headers.has(ALREADY_SENT)) return
  if (body === null || !hasBody) {
    writeHead(res, response, headers)
    res.end()
    discard(response)
    return
  }
  const reader = readerOf(body, req)
  try {
    await writeStream(res, response, headers, reader, hangup)
  } catch (error) {
    reader.cancel(error).catch(ignore)
    throw error
  }
}

async function writeStream(
  res: ServerResponse,
  response: Response,
  headers: OutgoingHttpHeader[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
  hangup: Hangup,
): Promise<void> {
  const cancel = () => void reader.cancel(hangup.signal.reason).catch(ignore)
  if (hangup.happened) return cancel()
  hangup.onHangup = cancel
  let next = new Peeked(reader.read())
  await next.afterMicrotasks()
  const first = next.result
  if (first?.done) return end(res, response, headers, '')
  if (first !== undefined) {
    const { value } = first
    const second = new Peeked(reader.read())
    await second.afterMicrotasks()
    if (second.result?.done) {
      end(res, response, headers, value)
      return
    }
    writeHead(res, response, headers)
    if (!res.write(value)) await drained(res)
    next = second
  } else {
    writeHead(res, response, headers)
    // A reader waits for the head of a stream that says nothing yet.
    res.flushHeaders()
  }
  for (
    let { value, done } = await next.read;
    !done && !hangup.happened;
    { value, done } = await reader.read()
  ) {
    if (!res.write(value)) await drained(res)
  }
  if (!hangup.happened) res.end()
}

type Reading = ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>

/** A read whose result is there or not. */
class Peeked {
  result: Awaited<Reading> | undefined
  #failed = false

  constructor(readonly read: Reading) {
    read.then(
      (result) => {
        this.result = result
      },
      () => {
        this.#failed = true
      },
    )
  }

  /**
   * What is in the stream already comes within some microtasks, and so does its end. If it has failed by then, this throws its
   * error: no head has been sent, so there is still an answer.
   */
  async afterMicrotasks(): Promise<void> {
    for (let turn = 0; turn < 8 && this.result === undefined; turn++) {
      if (this.#failed) await this.read
      await undefined
    }
  }
}

async function drained(res: ServerResponse): Promise<void> {
  if (res.destroyed || res.closed) return
  const controller = new AbortController()
  const { signal } = controller
  try {
    await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })])
  } finally {
    controller.abort()
  }
}

function writeHead(res: ServerResponse, response: Response, headers: OutgoingHttpHeader[]): void {
  const { status } = response
  const statusText = takesStatusText(res) && honoBodyOf(response) === undefined && response.statusText
  if (statusText) res.writeHead(status, statusText, headers)
  else res.writeHead(status, headers)
}

function end(
  res: ServerResponse,
  response: Response,
  headers: OutgoingHttpHeader[],
  body: string | Uint8Array,
): void {
  if (!response.headers.has('content-length') && !response.headers.has('transfer-encoding')) {
    headers.push(
      'content-length',
      String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength),
    )
  }
  writeHead(res, response, headers)
  res.end(body)
}

/** Names and values, as `writeHead` takes them. */
function headersOf({ headers }: Response): OutgoingHttpHeader[] {
  const flat: OutgoingHttpHeader[] = []
  const cookies: string[] = []
  for (const [name, value] of headers) {
    if (name === 'set-cookie') cookies.push(value)
    else flat.push(name, value)
  }
  // In one list: after a `setHeader` of the handler, Node 20 and 22 keep only the last of several pairs.
  if (cookies.length > 0) flat.push('set-cookie', cookies)
  return flat
}

function ignore(): void {}
