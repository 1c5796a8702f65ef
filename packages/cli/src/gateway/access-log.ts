import type { IncomingMessage, ServerResponse } from 'node:http'
import { plainAddress } from '../proxy/forwarded.js'
import type { AccessEntry } from './options.js'

/** Tells of a request when it has ended. */
export class AccessLog {
  service: string | undefined
  #error: string | undefined

  constructor(req: IncomingMessage, res: ServerResponse, log: ((entry: AccessEntry) => void) | undefined) {
    if (log === undefined) return
    const begun = performance.now()
    const { socket, method = '', url = '' } = req
    const client = plainAddress(socket.remoteAddress)
    const before = socket.bytesWritten
    res.once('close', () =>
      log({
        client,
        method,
        host: req.headers.host,
        url,
        service: this.service,
        status: res.headersSent ? res.statusCode : 0,
        bytes: socket.bytesWritten - before,
        milliseconds: Math.round(performance.now() - begun),
        error: this.#error ?? (res.writableEnded ? undefined : 'client'),
      }),
    )
  }

  failed(code: string): void {
    this.#error = code
  }
}

/** A line for people. What a client wrote can't add lines or colours. */
export function accessLine(entry: AccessEntry): string {
  const { client = '-', method, host = '', url, service = '-', status, bytes, milliseconds, error } = entry
  const what = `${method} ${host}${url}`.replace(/[^\x20-\x7e]/g, '?')
  const end = error === undefined ? '' : ` (${error})`
  return `${client} ${what} → ${service} ${status} ${bytes} B ${milliseconds} ms${end}`
}
