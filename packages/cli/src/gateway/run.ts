import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { selectionOf } from '../call/routing.js'
import type { Arguments, Io } from '../command.js'
import { readCount, readDuration } from '../command-line/duration.js'
import { cannotListen, readListen } from '../command-line/listen.js'
import { connectAsService } from '../connect.js'
import { exit } from '../exit-codes.js'
import { createMap } from '../map/map.js'
import type { NetworkValues } from '../options.js'
import { jsonLine } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { accessLine } from './access-log.js'
import { isLoopback } from './authority.js'
import { Gateway } from './gateway.js'
import { namesOf, originOf, servicesOf } from './read-options.js'

interface Given extends Pick<Arguments, 'positionals'> {
  readonly values: Partial<NetworkValues> & {
    readonly listen: string
    readonly allow?: readonly string[] | undefined
    readonly host?: readonly string[] | undefined
    readonly origin?: readonly string[] | undefined
    readonly 'behind-proxy'?: boolean | undefined
    readonly where?: readonly string[] | undefined
    readonly prefer?: readonly string[] | undefined
    readonly 'max-connections': string
    readonly verbose?: boolean | undefined
  }
}

/** The library's own default is for calls between services. */
const TIMEOUT = 30_000

/** Milliseconds that requests in flight have when the gateway stops. */
const DRAIN_TIME = 5000

/** What `sleuth gateway` does. It ends with a signal, and well. */
export async function runGateway({ values, positionals }: Given, io: Io): Promise<number> {
  if (positionals.length > 0) throw new UsageError(`gateway takes no arguments, and not "${positionals[0]}"`)
  const { host, port } = readListen(values.listen)
  const hosts = ['localhost', ...namesOf(values.host)]
  const gateway = new Gateway({
    hosts,
    allow: servicesOf(values.allow),
    origins: (values.origin ?? []).map(originOf),
    behindProxy: values['behind-proxy'] ?? false,
    select: selectionOf({ where: values.where, prefer: values.prefer }),
    timeout: values.timeout === undefined ? TIMEOUT : readDuration('--timeout', values.timeout),
    clientHeadTime: 10_000,
    stallTime: 60_000,
    maxConnections: readCount('--max-connections', values['max-connections']),
    log: values.verbose
      ? (entry) => io.stderr.write(io.json ? jsonLine(entry) : `${accessLine(entry)}\n`)
      : undefined,
  })
  const address = await gateway.listen(port, host).catch((error) => {
    throw cannotListen(error, host, port)
  })
  try {
    const sleuth = await connectAsService(values, io, { name: 'sleuth-gateway' })
    try {
      const map = createMap(sleuth, {
        base: '/_sleuth/',
        hosts,
        token: io.env.SLEUTH_MAP_TOKEN,
        behindProxy: values['behind-proxy'],
      })
      gateway.join(sleuth, map)
      tell(address, io)
      if (!io.signal.aborted) await once(io.signal, 'abort')
      map.close()
      await gateway.close(DRAIN_TIME)
    } finally {
      await sleuth.close()
    }
  } finally {
    await gateway.close(0)
  }
  return exit.ok
}

function tell({ address, port, family }: AddressInfo, { stdout, stderr, json }: Io): void {
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  if (json) stdout.write(jsonLine({ event: 'listening', url, address, port }))
  else stdout.write(`gateway: ${url}/<service>/ and http://<service>.localhost:${port}/\n`)
  if (!isLoopback(address))
    stderr.write(
      'warning: everyone who reaches this address can call the services; --allow names those that may be called\n',
    )
}
