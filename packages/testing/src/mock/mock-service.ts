import type { ServerResponse } from 'node:http'
import {
  createSleuth,
  type Network,
  type RequestListener,
  type Sleuth,
  type SleuthOptions,
  type SleuthRequest,
  serve,
} from '@sleuth/core'
import { refuse } from '@sleuth/core/adapter'
import type { Fault, Faults } from '../faults.js'
import type { Answerer } from './answer.js'
import { answererOf, isAnswer, isListener, type MockHandler, type SimpleMockFunction } from './handler.js'
import { type RecordedCall, Recording } from './recorded-call.js'

// Node loads this class when it is first named, which takes a part of the time that the first call has.
const { Request } = globalThis

/** Options of the instance, such as `version`. */
export interface MockOptions extends Omit<SleuthOptions, 'service' | 'handler' | 'network'> {}

/** A service that a test plays. */
export interface MockService {
  readonly name: string
  /** The instance, as a `Sleuth`. */
  readonly sleuth: Sleuth
  /** The requests that it got, in their order. */
  readonly calls: readonly RecordedCall[]
  /** What its functions threw. The caller got a 500. */
  readonly errors: readonly unknown[]
  /** It answers by this from now on. */
  use(handler: SimpleMockFunction): void
  use(handler: MockHandler): void
  /** It refuses requests before they run, as one that shuts down does: callers use other instances, or get `SLEUTH_DRAINING`. */
  refuse(): Fault
  /** It answers as it did at first, and has got no calls. */
  reset(): void
  /** Leaves the network. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** In two forms, so that TypeScript knows the parameter of a function that has one. */
export interface MockFactory {
  (name: string, handler: SimpleMockFunction, options?: MockOptions): Promise<MockService>
  (name: string, handler?: MockHandler, options?: MockOptions): Promise<MockService>
}

export class MockInstance implements MockService {
  readonly name: string
  readonly calls: Recording[] = []
  readonly errors: unknown[] = []
  readonly #first: MockHandler
  readonly #faults: Faults
  #listener!: RequestListener
  #refusals = 0
  #sleuth: Sleuth | undefined
  #closing: Promise<void> | undefined

  static async start(
    network: Network,
    faults: Faults,
    name: string,
    handler: MockHandler,
    options: MockOptions,
  ): Promise<MockInstance> {
    const mock = new MockInstance(faults, name, handler)
    mock.#sleuth = await createSleuth({
      ...{ ...options, network, service: name },
      handler: (req, res) => mock.#handle(req, res),
    })
    return mock
  }

  private constructor(faults: Faults, name: string, handler: MockHandler) {
    this.name = name
    this.#faults = faults
    this.#first = handler
    this.use(handler)
  }

  get sleuth(): Sleuth {
    return this.#sleuth as Sleuth
  }

  use(handler: MockHandler): void {
    this.#listener = isListener(handler) ? this.#tap(handler) : this.#answerBy(answererOf(handler))
  }

  refuse(): Fault {
    this.#refusals++
    return this.#faults.begin([() => this.#refusals--])
  }

  reset(): void {
    this.calls.length = 0
    this.errors.length = 0
    this.use(this.#first)
  }

  close(): Promise<void> {
    this.#closing ??= this.sleuth.close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #handle(req: SleuthRequest, res: ServerResponse): unknown {
    if (this.#refusals > 0) return refuse(res)
    return this.#listener(req, res)
  }

  #record(req: SleuthRequest): Recording {
    const recording = new Recording(req)
    this.calls.push(recording)
    return recording
  }

  #tap(listener: RequestListener): RequestListener {
    return async (req, res) => {
      this.#record(req).listenIn(req)
      const returned: unknown = await listener(req, res)
      if (res.headersSent || !isAnswer(returned)) return
      const error = new TypeError(
        'a function with two parameters answers by the second, and this one returned something',
      )
      this.errors.push(error)
      res.writeHead(500).end(`The mock of ${this.name} failed: ${error}`)
    }
  }

  /** A body is recorded whole before the answer, whether the answer needs it or not. */
  #answerBy(answerer: Answerer): RequestListener {
    return serve(async (request, { incoming }) => {
      const { url, method, headers, signal } = request
      const body = await this.#record(incoming).gather(request)
      const hasBody = method !== 'GET' && method !== 'HEAD'
      try {
        return await answerer(new Request(url, { method, headers, signal, body: hasBody ? body : null }))
      } catch (error) {
        this.errors.push(error)
        return new Response(`The mock of ${this.name} failed: ${error}`, { status: 500 })
      }
    })
  }
}
