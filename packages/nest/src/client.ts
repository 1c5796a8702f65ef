import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices'
import { createSleuth, type Sleuth, type SleuthOptions } from '@sleuth/core'
import { isSleuth } from '@sleuth/core/adapter'
import { packetsOf } from './packets.js'

export interface SleuthClientOptions extends Omit<SleuthOptions, 'handler' | 'service'> {
  /** The name of the service whose messages and events these are. */
  service: string
  /** A `Sleuth` of your own, such as the app's. Without one the client joins by itself. */
  sleuth?: Sleuth | undefined
}

/** A `ClientProxy` for services with `SleuthServer`. A message goes to one instance, and so does an event. */
export class SleuthClient extends ClientProxy {
  readonly #service: string
  readonly #options: SleuthOptions
  readonly #given: Sleuth | undefined
  #joined: Promise<Sleuth> | undefined

  constructor({ service, sleuth, ...options }: SleuthClientOptions) {
    super()
    this.#service = service
    this.#options = options
    this.#given = isSleuth(sleuth) ? sleuth : undefined
  }

  connect(): Promise<Sleuth> {
    this.#joined ??= this.#given ? Promise.resolve(this.#given) : createSleuth(this.#options)
    return this.#joined
  }

  async close(): Promise<void> {
    const joined = this.#joined
    this.#joined = undefined
    if (this.#given === undefined) await (await joined)?.close()
  }

  unwrap<T>(): T {
    return this.#joined as T
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const controller = new AbortController()
    this.#send(packet, false, controller.signal)
      .then(async (response) => {
        let isOver = false
        for await (const answer of packetsOf(response.body as AsyncIterable<Uint8Array>)) {
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
    const sleuth = await this.connect()
    const response = await sleuth.do(`sleuth://${this.#service}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ pattern, data, isEvent }),
      ...(signal && { signal }),
    })
    if (!response.ok) throw new Error(`${this.#service} answered ${response.status}`)
    return response
  }
}
