import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'

/** Of HTTP/2 (RFC 9113, section 7). */
const INTERNAL_ERROR = 2

/** The stream of a response of HTTP/2, whose compatibility with that of HTTP/1 has gaps. */
function streamOf(res: ServerResponse): ServerHttp2Stream | undefined {
  const { stream } = res as { stream?: ServerHttp2Stream }
  return typeof stream?.close === 'function' ? stream : undefined
}

/** Of a response that has closed: whether it is not complete. That of HTTP/2 says `writableFinished` in any case. */
export function isCut(res: ServerResponse): boolean {
  return streamOf(res)?.aborted ?? !res.writableFinished
}

/** Breaks a response off that has begun. In HTTP/2 `destroy` would end it, as if it were complete. */
export function breakOff(res: ServerResponse): void {
  const stream = streamOf(res)
  if (stream === undefined) res.destroy()
  else stream.close(INTERNAL_ERROR)
}

/** HTTP/2 has no text beside the status, and Node warns of one. */
export function takesStatusText(res: ServerResponse): boolean {
  return streamOf(res) === undefined
}
