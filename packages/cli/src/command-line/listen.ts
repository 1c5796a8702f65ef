import { isIP, isIPv6 } from 'node:net'
import { UsageError } from '../usage-error.js'

/** Reads `8080`, `127.0.0.1:8080` or `[::1]:8080`. Without an address it is this machine alone. */
export function readListen(text: string): { readonly host: string; readonly port: number } {
  const [, address = '127.0.0.1', digits] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? []
  const host = address.replace(/^\[(.*)\]$/, '$1')
  const port = Number(digits)
  const isAddress = host === 'localhost' || (isIP(host) !== 0 && isIPv6(host) === address.startsWith('['))
  if (digits === undefined || port > 65_535 || !isAddress)
    throw new UsageError(
      `--listen must be a port or an address and a port, such as 127.0.0.1:8080, and is "${text}"`,
    )
  return { host, port }
}

/** Why a server does not listen, and what to do. */
export function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is in use`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    EACCES: `this user may not serve on port ${port}`,
  }
  const why = reasons[error.code ?? '']
  return why === undefined
    ? error
    : Object.assign(new Error(`${why}; give another by --listen`), { code: error.code })
}
