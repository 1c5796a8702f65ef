import type { BodyInput, Sleuth } from '@sleuth/core'
import type { Answer, Body, Request } from './message.js'
import type { Wire } from './wire.js'

/** Both ways to call, over the newest wire that the client speaks. `how`: what else there is to say of them. */
export function sleuthWires(client: Sleuth, service: string, how = ''): Wire[] {
  const wire = client.services().find((known) => known.service === service)?.instances[0]?.wire
  const whole = wire === 1
  return [requestWire(client, service), doWire(client, service, wire)].map((one) => {
    return { ...one, name: `${one.name}, wire ${wire}${how}`, whole, sleuth: true }
  })
}

/** The lean call. */
function requestWire(client: Sleuth, service: string): Omit<Wire, 'whole' | 'sleuth'> {
  const send = ({ method, path, headers, body }: Request): Promise<Answer> => {
    return client.request(`sleuth://${service}${path}`, { method, headers, body: bodyOf(body) })
  }
  return { name: 'sleuth.request', exactPath: true, send }
}

/** The drop-in for `fetch`. */
function doWire(client: Sleuth, service: string, wire: number | undefined): Omit<Wire, 'whole' | 'sleuth'> {
  const send = async ({ method, path, headers, body }: Request): Promise<Answer> => {
    const pairs = Object.entries(headers).flatMap(([name, values]) => {
      return [values].flat().map((value): [string, string] => [name, value as string])
    })
    const init = {
      method,
      headers: pairs,
      body: bodyOf(body) as RequestInit['body'],
      duplex: 'half' as const,
      decompress: false,
    }
    const response = await client.do(`sleuth://${service}${path}`, init)
    const cookies = response.headers.getSetCookie()
    return {
      status: response.status,
      // Go's wire carries none.
      ...(wire !== 1 && { statusText: response.statusText }),
      headers: {
        ...Object.fromEntries(response.headers),
        ...(cookies.length > 0 && { 'set-cookie': cookies }),
      },
      body: Buffer.from(await response.arrayBuffer()),
    }
  }
  return { name: 'sleuth.do', exactPath: false, send }
}

function bodyOf(body: Body): BodyInput {
  if (body === undefined) return undefined
  return 'whole' in body ? body.whole : stream(body.chunks)
}

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}
