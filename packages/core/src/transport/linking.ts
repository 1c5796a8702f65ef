import type { DownReason, Instance } from '../types.js'
import type {
  ClientTransport,
  CloseReason,
  OutgoingRequest,
  RequestStream,
  ResponseHandler,
} from './transport.js'

export interface LinkingOptions {
  /** The wire that a request takes when there is a link. */
  readonly wire: ClientTransport
  /** Makes a link to an instance. Resolves to undefined when it stands, and else to why the instance can't be called. */
  readonly link: (instance: Instance) => Promise<DownReason | undefined>
  /** Milliseconds, from any moment on. */
  readonly now: () => number
  /** Milliseconds after which a request without a link goes elsewhere if it can. */
  readonly patience: number
}

/** A wire to instances that there is no link to yet: a request waits for the link. */
export class LinkingTransport implements ClientTransport {
  readonly #options: LinkingOptions

  constructor(options: LinkingOptions) {
    this.#options = options
  }

  request(instance: Instance, request: OutgoingRequest, handler: ResponseHandler): RequestStream {
    const { wire, link, now, patience } = this.#options
    const begunAt = now()
    const stream = new LinkingStream(handler, patience)
    void link(instance).then((reason) => {
      if (stream.closed) return
      if (reason !== undefined) stream.fail({ type: 'gone', reason })
      else stream.begin(() => wire.request(instance, later(request, now() - begunAt), handler))
    })
    return stream
  }
}

/** The caller has waited for so many milliseconds already. */
function later(request: OutgoingRequest, passed: number): OutgoingRequest {
  const { deadline } = request
  return deadline === 0 ? request : { ...request, deadline: Math.max(1, Math.floor(deadline - passed)) }
}

/** A request that waits for a link, and then the request itself. */
class LinkingStream implements RequestStream {
  readonly #handler: ResponseHandler
  readonly #patience: NodeJS.Timeout
  #stream: RequestStream | undefined
  #isOver = false

  constructor(handler: ResponseHandler, patience: number) {
    this.#handler = handler
    this.#patience = setTimeout(() => {
      if (handler.goesElsewhere?.()) this.fail({ type: 'gone', reason: 'lost' })
    }, patience)
  }

  get sent(): boolean {
    return this.#stream?.sent === true
  }

  get closed(): boolean {
    return this.#stream?.closed ?? this.#isOver
  }

  begin(request: () => RequestStream): void {
    clearTimeout(this.#patience)
    try {
      this.#stream = request()
    } catch (error) {
      // The request is one that the wire can't carry.
      this.fail({ type: 'body', error })
    }
  }

  fail(reason: CloseReason): void {
    this.#end()
    this.#handler.onError(reason, false)
  }

  cancel(): void {
    if (this.#stream !== undefined) this.#stream.cancel()
    else this.#end()
  }

  abort(reason: unknown): void {
    if (this.#stream !== undefined) this.#stream.abort(reason)
    else this.#end()
  }

  expectLength(length: number): void {
    this.#stream?.expectLength(length)
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#patience)
    this.#handler.onEnd()
  }
}
