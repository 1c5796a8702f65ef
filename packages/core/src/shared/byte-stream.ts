import { takeOver } from './owned-memory.js'

/** Bytes that are read one after the other. */
export interface ByteSource {
  /** The next bytes, or undefined at the end. */
  read(): Promise<Uint8Array | undefined>
  cancel(): void
}

/** The stream of a `Response`. As with `fetch`, its readers may bring their own buffer. */
export function byteStream(source: ByteSource): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        let chunk = await source.read()
        while (chunk?.length === 0) chunk = await source.read()
        if (chunk !== undefined) {
          // The stream detaches the memory that it is given.
          controller.enqueue(takeOver(chunk))
          return
        }
        controller.close()
        // A reader that waits with its buffer gets it back.
        controller.byobRequest?.respond(0)
      },
      cancel: () => source.cancel(),
    },
    // It reads nothing ahead: bytes that no reader asks for stay with the service.
    { highWaterMark: 0 },
  )
}

/** The owner of a lazy stream. */
interface Owner {
  /** Makes the real stream. It is called once. */
  open(): ReadableStream<Uint8Array>
  /** Somebody looks at the stream. */
  used(): void
}

/** The property by which `stream.isDisturbed` knows that a stream was read. */
const disturbed = Symbol.for('nodejs.stream.disturbed')

/**
 * A `ReadableStream` that is made when somebody uses it. To make one takes about as long as a whole call, and most bodies are
 * read as text or JSON. Node's own `Response` takes it for a real one, and uses only its methods. Nobody else gets it.
 */
export class LazyStream {
  #owner: Owner | undefined
  #stream: ReadableStream<Uint8Array> | undefined
  #spent = false

  /** It is not in the constructor, because a `Response` needs its body first. */
  belongsTo(owner: Owner): void {
    this.#owner = owner
  }

  get isMade(): boolean {
    return this.#stream !== undefined
  }

  /** Somebody took its bytes without it. */
  spend(): void {
    this.#spent = true
  }

  get real(): ReadableStream<Uint8Array> {
    this.#owner?.used()
    this.#stream ??= this.#spent ? spentStream() : (this.#owner as Owner).open()
    return this.#stream
  }

  /** Somebody has read from it. */
  get isUsed(): boolean {
    return this.#spent || (this.#stream as { [disturbed]?: boolean } | undefined)?.[disturbed] === true
  }

  get isLocked(): boolean {
    return this.#spent || this.#stream?.locked === true
  }

  /** Node's `Response` reads this property and the next. */
  get locked(): boolean {
    this.#owner?.used()
    return this.isLocked
  }

  get [disturbed](): boolean {
    this.#owner?.used()
    return this.isUsed
  }

  /** From now on this object is the first of the two branches, for everyone who holds it. */
  tee(): [this, ReadableStream<Uint8Array>] {
    const [own, other] = this.real.tee()
    this.#stream = own
    return [this, other]
  }
}

// It does not use `extends`, which would make a stream.
Object.setPrototypeOf(LazyStream.prototype, ReadableStream.prototype)

for (const name of [
  'cancel',
  'getReader',
  'pipeThrough',
  'pipeTo',
  'values',
  Symbol.asyncIterator,
] as const) {
  Object.defineProperty(LazyStream.prototype, name, {
    value(this: LazyStream, ...args: unknown[]) {
      const { real } = this
      return Reflect.apply(real[name], real, args)
    },
  })
}

/** A stream whose bytes were read: it is closed and locked. */
function spentStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: 'bytes',
    start: (controller) => controller.close(),
  })
  stream.getReader()
  return stream
}
