import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { BaseRpcContext, type CustomTransportStrategy, type MsPattern, Server } from '@nestjs/microservices'
import {
  createSleuth,
  type Sleuth,
  type SleuthOptions,
  type SleuthPeer,
  type SleuthRequest,
} from '@sleuth/core'
import { lineOf, type Message } from './packets.js'

const NO_HANDLER = 'There is no matching message handler defined in the remote service.'

/** What a handler gets by `@Ctx()`. */
export class SleuthContext extends BaseRpcContext<[SleuthPeer | undefined, unknown]> {
  /** The node that called. */
  getPeer(): SleuthPeer | undefined {
    return this.args[0]
  }

  getPattern(): unknown {
    return this.args[1]
  }
}

/**
 * A transport of NestJS: `app.connectMicroservice({ strategy: new SleuthServer({ service: 'math' }) })`. Its handlers of messages
 * and events answer `SleuthClient`.
 */
export class SleuthServer extends Server implements CustomTransportStrategy {
  readonly #options: Omit<SleuthOptions, 'handler'>
  #sleuth: Sleuth | undefined

  constructor(options: Omit<SleuthOptions, 'handler'> & { service: string }) {
    super()
    this.#options = options
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.#sleuth = await createSleuth({ ...this.#options, handler: (req, res) => this.#answer(req, res) })
    } catch (error) {
      callback(error)
      return
    }
    callback()
  }

  async close(): Promise<void> {
    const sleuth = this.#sleuth
    this.#sleuth = undefined
    await sleuth?.close()
  }

  // biome-ignore lint/complexity/noBannedTypes: the signature of the base class
  on(event: string, listener: Function): void {
    this.#sleuth?.on(event as 'up', listener as never)
  }

  unwrap<T>(): T {
    return this.#sleuth as T
  }

  async #answer(req: SleuthRequest, res: ServerResponse): Promise<void> {
    const message = await messageOf(req)
    if (message === undefined) {
      res.writeHead(400).end()
      return
    }
    const { data, isEvent } = message
    const pattern = this.normalizePattern(message.pattern as MsPattern)
    const context = new SleuthContext([req.sleuthPeer, message.pattern])
    if (isEvent) {
      await this.handleEvent(pattern, { pattern, data }, context)
      res.writeHead(204).end()
      return
    }
    const handler = this.getHandlerByPattern(pattern)
    if (handler === null) {
      res.end(lineOf({ err: NO_HANDLER, status: 'error', isDisposed: true }))
      return
    }
    const answers = this.transformToObservable(await handler(data, context))
    const subscription = this.send(answers, (packet) => {
      if (packet.isDisposed) res.end(lineOf(packet))
      else res.write(lineOf(packet))
    })
    res.once('close', () => subscription.unsubscribe())
  }
}

/** Undefined for what is no message. */
async function messageOf(req: IncomingMessage): Promise<Message | undefined> {
  if (req.method !== 'POST') return undefined
  try {
    const { pattern, data, isEvent = false } = (await json(req)) as Message
    return pattern === undefined ? undefined : { pattern, data, isEvent }
  } catch {
    return undefined
  }
}
