/** Bytes that are read one after the other. */
export interface ByteSource {
  /** The next bytes, or undefined at the end. */
  read(): Promise<Uint8Array | undefined>
  cancel(): void
}

/** For a `Response`: as that of `fetch`, it also has readers that bring their own buffer. */
export function byteStream(source: ByteSource): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        let chunk = await source.read()
        while (chunk?.length === 0) chunk = await source.read()
        if (chunk !== undefined) {
          // A copy, since the stream takes away the memory of what it is given.
          controller.enqueue(new Uint8Array(chunk))
          return
        }
        controller.close()
        // A reader that waits with its buffer gets it back.
        controller.byobRequest?.respond(0)
      },
      cancel: () => source.cancel(),
    },
    // Nothing is read ahead: bytes that no reader asks for stay with the service.
    { highWaterMark: 0 },
  )
}

/** Whose body a lazy stream is. */
interface Owner {
  /** The stream itself. Asked for once. */
  open(): ReadableStream<Uint8Array>
  /** Somebody looks at the stream. */
  used(): void
}

/** By which `stream.isDisturbed` knows a stream that was read from. */
const disturbed = Symbol.for('nodejs.stream.disturbed')

/**
 * A `ReadableStream` that is made when somebody uses it: to make one takes about as long as a whole call, and most bodies
 * are read as text or JSON. Node's own `Response` takes it for a real one, and reads it by its methods alone. Nobody
 * else gets hold of it.
 */
export class LazyStream {
  #owner: Owner | undefined
  #stream: ReadableStream<Uint8Array> | undefined
  #spent = false

  /** Not the constructor's, since a `Response` needs its body first. */
  belongsTo(owner: Owner): void {
    this.#owner = owner
  }

  get isMade(): boolean {
    return this.#stream !== undefined
  }

  /** Its bytes were taken without it. */
  spend(): void {
    this.#spent = true
  }

  get real(): ReadableStream<Uint8Array> {
    this.#owner?.used()
    this.#stream ??= this.#spent ? spentStream() : (this.#owner as Owner).open()
    return this.#stream
  }

  /** Bytes were read from it. */
  get isUsed(): boolean {
    return this.#spent || (this.#stream as { [disturbed]?: boolean } | undefined)?.[disturbed] === true
  }

  get isLocked(): boolean {
    return this.#spent || this.#stream?.locked === true
  }

  /** For Node's `Response`, as the next. */
  get locked(): boolean {
    this.#owner?.used()
    return this.isLocked
  }

  get [disturbed](): boolean {
    this.#owner?.used()
    return this.isUsed
  }

  /** Continues as its own first branch for every holder of it. */
  tee(): [this, ReadableStream<Uint8Array>] {
    const [own, other] = this.real.tee()
    this.#stream = own
    return [this, other]
  }
}

// Not `extends`, which would make a stream.
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

/** What a stream is after its bytes were read: closed, and locked. */
function spentStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: 'bytes',
    start: (controller) => controller.close(),
  })
  stream.getReader()
  return stream
}
