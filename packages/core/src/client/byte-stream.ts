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
