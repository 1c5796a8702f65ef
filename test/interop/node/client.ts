/** A client in Node, for the interop tests. It takes the same commands as `../go/client`. */
import { parseArgs } from 'node:util'
import { createSleuth } from '@sleuth/core'
import { obey, write } from '../../hosts/program.js'

interface Command {
  id: number
  op: 'waitFor' | 'do' | 'request' | 'close'
  services: string[]
  method: string
  url: string
  headers: [string, string][]
  /** Base64. */
  body?: string
}

const { values } = parseArgs({
  options: { interface: { type: 'string' }, port: { type: 'string' }, timeout: { type: 'string' } },
})

const sleuth = await createSleuth({
  interface: values.interface,
  port: Number(values.port),
  timeout: Number(values.timeout),
})
for (const name of ['up', 'down'] as const) {
  sleuth.on(name, (event) => write({ event: name, ...event }))
}
write({ event: 'ready' })

obey<Command>(async (command) => {
  switch (command.op) {
    case 'waitFor':
      await sleuth.waitFor(command.services)
      return undefined
    case 'do':
      return viaDo(command)
    case 'request':
      return viaRequest(command)
    case 'close':
      await sleuth.close()
      return undefined
  }
})

async function viaDo({ url, method, headers, body }: Command): Promise<object> {
  const response = await sleuth.do(url, { method, headers, body: decode(body) })
  const answer = [...response.headers]
    .filter(([name]) => name !== 'set-cookie')
    .map(([name, value]) => [name, [value]])
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    headers: { ...Object.fromEntries(answer), 'set-cookie': response.headers.getSetCookie() },
    body: bytes.toString('base64'),
  }
}

async function viaRequest({ url, method, headers, body }: Command): Promise<object> {
  const response = await sleuth.request(url, { method, headers, body: decode(body) })
  const answer = Object.entries(response.headers).map(([name, value]) => [name, [value].flat()])
  return {
    status: response.status,
    headers: Object.fromEntries(answer),
    body: response.body.toString('base64'),
  }
}

function decode(body: string | undefined): Buffer | undefined {
  return body === undefined ? undefined : Buffer.from(body, 'base64')
}
