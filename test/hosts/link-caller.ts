/** A caller as a program: it makes many calls at once, and tells what came of them. */
import { createSleuth, type SleuthError } from '@sleuth/core'
import { obey, write } from './program.js'

interface Command {
  id: number
  op: string
  services: string[]
  service: string
  url: string
  count: number
  /** Of the body. */
  bytes: number
  timeout: number
  /** Makes them one after another. */
  inTurn?: boolean
}

// A frame that is lost three times over takes TCP longer than the default of 1.5 s.
const [port, lostAfter = '5000', direct = 'true'] = process.argv.slice(2)
const sleuth = await createSleuth({
  port: Number(port),
  lostAfter: Number(lostAfter),
  direct: direct === 'true',
})
sleuth.on('up', () => write({ event: 'up' }))
sleuth.on('down', ({ reason }) => write({ event: 'down', reason }))
write({ event: 'ready' })

async function calls({ service, url, count, bytes, timeout, inTurn }: Command): Promise<object> {
  const failed: Record<string, number> = {}
  let received = 0
  let slowest = 0
  const call = async () => {
    const start = performance.now()
    try {
      const body = bytes > 0 ? Buffer.alloc(bytes, 'x') : undefined
      const method = body === undefined ? 'GET' : 'POST'
      const answer = await sleuth.request(`sleuth://${service}${url}`, {
        method,
        body,
        timeout,
        retry: false,
      })
      received += answer.body.length
    } catch (error) {
      const { code = 'none' } = error as Partial<SleuthError>
      failed[code] = (failed[code] ?? 0) + 1
    }
    slowest = Math.max(slowest, performance.now() - start)
  }
  if (inTurn) for (let i = 0; i < count; i++) await call()
  else await Promise.all(Array.from({ length: count }, call))
  return { failed, received, slowest }
}

obey<Command>(async (command) => {
  switch (command.op) {
    case 'waitFor':
      await sleuth.waitFor(command.services, { timeout: 20_000 })
      return undefined
    case 'calls':
      return calls(command)
    case 'services':
      return { services: sleuth.services() }
    case 'close':
      await sleuth.close()
      return undefined
    default:
      throw new Error(`unknown command ${command.op}`)
  }
})
