import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices'
import { createSleuth, type ServiceClient, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { isSleuth, sleuthError } from '@sleuth/core/adapter'
import { packetsOf } from './packets.js'

export interface SleuthClientOptions extends Omit<SleuthOptions, 'handler' | 'service'> {
  /** The name of the service whose messages and events these are. */
  service: string
  /** A `Sleuth` of your own, such as the app's. Only options of calls go with it. Without one the client joins by itself. */
  sleuth?: Sleuth | undefined
}

/** A `ClientProxy` for services with `SleuthServer`. A message goes to one instance, and so does an event. */
export class SleuthClient extends ClientProxy {
  readonly #service: string
  readonly #options: SleuthOptions
  /** That of the `Sleuth` which was given. */
  readonly #given: { readonly sleuth: Sleuth; readonly target: ServiceClient } | undefined
  #joining: Promise<Sleuth> | undefined
  #joined: Sleuth | undefined

  constructor({ service, sleuth, ...options }: SleuthClientOptions) {
    super()
    this.#service = service
    this.#options = options
    if (sleuth === undefined) return
    if (!isSleuth(sleuth)) {
      const problem = 'must be a Sleuth, such as the one that @InjectSleuth() gives'
      throw sleuthError('SLEUTH_OPTION', { option: 'sleuth', problem })
    }
    this.#given = { sleuth, target: sleuth.service(service, options) }
  }

  connect(): Promise<Sleuth> {
    if (this.#given !== undefined) return Promise.resolve(this.#given.sleuth)
    this.#joining ??= this.#join()
    return this.#joining
  }

  async close(): Promise<void> {
    const joining = this.#joining
    this.#joining = undefined
    // Who waited for a join that fails has its error.
    const joined = await joining?.catch(() => undefined)
    this.#joined = undefined
    await joined?.close()
  }

  unwrap<T>(): T {
    const sleuth = this.#given?.sleuth ?? this.#joined
    if (sleuth === undefined) throw new Error('Not initialized. Please call the "connect" method first.')
    return sleuth as T
  }

  async #join(): Promise<Sleuth> {
    try {
      this.#joined = await createSleuth(this.#options)
      return this.#joined
    } catch (error) {
      // The next message tries again.
      this.#joining = undefined
      throw error
    }
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const controller = new AbortController()
    this.#send(packet, false, controller.signal)
      .then(async (response) => {
        let isOver = false
        for await (const answer of packetsOf(
          response.body as AsyncIterable<Uint8Array>,
          this.#options.limits?.unzipped,
        )) {
          isOver = answer.isDisposed === true
          callback(answer)
        }
        if (!isOver) callback({ err: new Error(`${this.#service} broke off its answer`), isDisposed: true })
      })
      .catch((err: unknown) => {
        if (!controller.signal.aborted) callback({ err, isDisposed: true })
      })
    return () => controller.abort()
  }

  /** At most once: an event that may have been handled is not sent again. */
  protected async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    await this.#send(packet, true)
    return undefined as T
  }

  async #send({ pattern, data }: ReadPacket, isEvent: boolean, signal?: AbortSignal): Promise<Response> {
    const target = this.#given?.target ?? (await this.connect()).service(this.#service)
    const response = await target.do('/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ pattern, data, isEvent }),
      ...(signal && { signal }),
    })
    if (response.ok) return response
    await response.body?.cancel()
    throw new Error(`${this.#service} answered ${response.status}, which is no answer of a SleuthServer`)
  }
}
