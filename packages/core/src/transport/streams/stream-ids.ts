/** Numbers up to here are small integers to V8. */
export const LAST_STREAM = 2 ** 31 - 1

/** The keys of services' ends begin here. */
export const SERVICE_KEYS = LAST_STREAM + 1

/** The key of a service's end of a stream: those of callers are the numbers of their streams. */
export function serviceKey(stream: number): number {
  return stream + SERVICE_KEYS
}

/** Which numbers one side has given to its calls, as far as two of them tell: they go up by one, and round. */
export class StreamIds {
  #first = -1
  #next = -1

  given(stream: number): void {
    if (this.#first === -1) this.#first = stream
    this.#next = stream + 1
  }

  has(stream: number): boolean {
    return ((stream - this.#first) & LAST_STREAM) < ((this.#next - this.#first) & LAST_STREAM)
  }
}
