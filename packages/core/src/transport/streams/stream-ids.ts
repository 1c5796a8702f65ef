/** Numbers up to here are small integers to V8. */
export const LAST_STREAM = 2 ** 31 - 1

/** The keys of services' ends begin here. */
export const SERVICE_KEYS = LAST_STREAM + 1

/** The key of a service's end of a stream: those of callers are the numbers of their streams. */
export function serviceKey(stream: number): number {
  return stream + SERVICE_KEYS
}
