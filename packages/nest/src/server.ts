import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type CustomTransportStrategy,
  type MessageHandler,
  type MsPattern,
  Server,
  type WritePacket,
} from '@nestjs/microservices'
import type { Sleuth, SleuthOptions, SleuthRequest } from '@sleuth/core'
import { adopt, type Handle, scoped, sleuthError } from '@sleuth/core/adapter'
import { finalize, type Subscription } from 'rxjs'
import { SleuthContext } from './context.js'
import { lineOf, type Message, MOST_BYTES } from './packets.js'

const NO_HANDLER = 'There is no matching message handler defined in the remote service.'

/** As NestJS answers where an error is not for the caller. */
const FAILED = { err: { status: 'error', message: 'Internal server error' }, isDisposed: true }

/**
 * A transport of NestJS: `app.connectMicroservice({ strategy: new SleuthServer({ service: 'math' }) })`. Its handlers of messages
 * and events answer `SleuthClient`.
 */
export class SleuthServer extends Server implements CustomTransportStrategy {
  readonly #handle: Handle
  readonly #most: number

  constructor(options: Omit<SleuthOptions, 'handler'> & { service: string }) {
    super()
    this.#handle = adopt(options, { hint: 'await app.listen() or app.startAllMicroservices()' })
    this.#most = options.limits?.unzipped ?? MOST_BYTES
    if (this.#handle.service !== undefined) return
    const problem = 'must be the name that clients use, as in new SleuthServer({ service: "math-service" })'
    throw sleuthError('SLEUTH_OPTION', { option: 'service', problem })
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.#handle.join((req, res) => this.#answer(req, res))
    } catch (error) {
      callback(error)
      return
    }
    callback()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  // biome-ignore lint/complexity/noBannedTypes: the signature of the base class
  on(event: string, listener: Function): void {
    this.#handle.sleuth.on(event as 'up', listener as never)
  }

  unwrap<T = Sleuth>(): T {
    return this.#handle.sleuth as T
  }

  async #answer(req: SleuthRequest, res: ServerResponse): Promise<void> {
    const message = await messageOf(req, this.#most)
    if (typeof message === 'number') {
      res.writeHead(message).end()
      return
    }
    const pattern = this.normalizePattern(message.pattern as MsPattern)
    const own = scoped(this.#handle.sleuth, req, res)
    const context = new SleuthContext([req.sleuthPeer, message.pattern, own])
    if (message.isEvent) {
      // The sender has its answer at once. The end waits for the handler, as this service does when it closes.
      res.writeHead(202).flushHeaders()
      await this.handleEvent(pattern, { pattern, data: message.data }, context)
      res.end()
      return
    }
    const handler = this.getHandlerByPattern(pattern)
    if (handler === null) res.end(lineOf({ err: NO_HANDLER, status: 'error', isDisposed: true }))
    else await this.#run(handler, message.data, context, res)
  }

  async #run(
    handler: MessageHandler,
    data: unknown,
    context: SleuthContext,
    res: ServerResponse,
  ): Promise<void> {
    let subscription: Subscription | undefined
    let isGone = false
    res.once('close', () => {
      isGone = true
      subscription?.unsubscribe()
      // Of a response that was cut off: nothing more comes.
      res.end()
    })
    // Of a transport of one's own it is undefined, which the types of NestJS do not know.
    const id = this.transportId as symbol
    // Hooks of users, who set a context there for the handler.
    await this.onProcessingStartHook(id, context, async () => {
      const ended = () => this.onProcessingEndHook?.(id, context)
      const answers = this.transformToObservable(await handler(data, context))
      if (isGone) ended()
      else subscription = this.send(answers.pipe(finalize(ended)), (packet) => this.#reply(packet, res))
    })
  }

  #reply(packet: WritePacket, res: ServerResponse): void {
    // An observable that is told to stop has a last packet, too.
    if (res.destroyed || res.writableEnded) return
    try {
      const line = lineOf(packet)
      if (packet.isDisposed) res.end(line)
      else res.write(line)
    } catch (error) {
      this.handleError(error as string)
      res.end(lineOf(FAILED))
    }
  }
}

/** The status of the answer to what is no message, or too large. */
async function messageOf(req: IncomingMessage, most: number): Promise<Message | 400 | 413> {
  if (req.method !== 'POST') return 400
  try {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > most) return 413
    }
    const { pattern, data, isEvent = false } = JSON.parse(Buffer.concat(chunks).toString()) as Message
    return pattern === undefined ? 400 : { pattern, data, isEvent }
  } catch {
    return 400
  }
}
