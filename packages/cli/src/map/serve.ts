import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Arguments, Io } from '../command.js'
import { cannotListen, readListen } from '../command-line/listen.js'
import { connect } from '../connect.js'
import { endedBy } from '../exit-codes.js'
import type { NetworkValues } from '../options.js'
import { jsonLine } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { isLoopback } from './guard.js'
import { createMap } from './map.js'

/** Pages that watch, and files. */
const MOST_CONNECTIONS = 256

interface Given extends Pick<Arguments, 'positionals'> {
  readonly values: Partial<NetworkValues> & {
    readonly listen: string
    readonly token?: string | undefined
    readonly host?: readonly string[] | undefined
  }
}

/** What `sleuth map` does. */
export async function serve({ values, positionals }: Given, io: Io): Promise<number> {
  if (positionals.length > 0) throw new UsageError(`map takes no "${positionals[0]}"`)
  const { host, port } = readListen(values.listen)
  const token = values.token ?? (io.env.SLEUTH_MAP_TOKEN || undefined)
  if (token === '') throw new UsageError('--token must not be empty')
  if (token === undefined && host !== 'localhost' && !isLoopback(host)) {
    throw new UsageError(`others can reach ${host}: set --token, or listen on 127.0.0.1`)
  }
  const sleuth = await connect(values, io, { name: 'sleuth-map' })
  try {
    const map = createMap(sleuth, { token, hosts: values.host })
    const server = createServer(map)
    server.maxConnections = MOST_CONNECTIONS
    await listen(server, port, host)
    announce(server.address() as AddressInfo, token, io)
    if (!io.signal.aborted) await once(io.signal, 'abort')
    map.close()
    server.closeAllConnections()
    server.close()
    return endedBy(io.signal)
  } finally {
    await sleuth.close()
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  const listening = once(server, 'listening')
  server.listen(port, host)
  await listening.catch((error) => {
    throw cannotListen(error, host, port)
  })
}

function announce({ address, port, family }: AddressInfo, token: string | undefined, io: Io): void {
  const host = family === 'IPv6' ? `[${address}]` : address
  const url = `http://${host}:${port}/${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`
  io.stdout.write(io.json ? jsonLine({ url }) : `The map is at ${io.style('bold', url)}\n`)
  if (!io.json) io.stderr.write(`${io.styleError('dim', 'Ctrl-C ends it.')}\n`)
}
