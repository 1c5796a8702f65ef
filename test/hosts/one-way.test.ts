import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EmulatedLink, emulatedLinkMissing } from './emulated-link.js'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'

const port = String(20_000 + (process.pid % 10_000))
const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

/** Of calls of half a second, in turn, from the cut until the peer is lost. Heartbeats alone show it after about 29 of them. */
const MAX_TIMEOUTS = 12

interface Cut {
  link: EmulatedLink
  /** The port of the service's inbox. */
  inbox: number
  /** Makes a call, and gives the code of its error. */
  call(): Promise<string | undefined>
  news(event: 'down' | 'up'): Promise<unknown>
}

/** A service on one host and a caller on another, whose calls go by ZeroMQ. The service asks the caller for signs of life. */
function between(run: (cut: Cut) => Promise<void>): () => Promise<void> {
  return async () => {
    const link = await EmulatedLink.create()
    const started: LineProcess[] = []
    const start = (host: 0 | 1, name: string, ...args: string[]) => {
      const command = link.hosts[host].command([process.execPath, program(name), port, ...args])
      const child = new LineProcess(command, { SLEUTH_INTERFACE: '', ZSYS_INTERFACE: '' })
      started.push(child)
      return child
    }
    try {
      const service = start(0, 'link-service', 'foo', '2', '1500')
      const caller = start(1, 'link-caller', '1500', 'false')
      await Promise.all([service.news('ready'), caller.news('ready')])
      const call = async () => {
        const counted = { service: 'foo', url: '/', count: 1, bytes: 10, timeout: 500 }
        const { failed } = await caller.ask('calls', counted)
        return Object.keys(failed as object)[0]
      }
      await caller.news('up')
      while ((await call()) !== undefined);
      const { services } = await caller.ask('services')
      const [{ instances }] = services as [{ instances: [{ endpoint: string }] }]
      const inbox = Number(instances[0].endpoint.split(':').at(-1))
      await run({ link, inbox, call, news: (event) => caller.news(event) })
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await link.delete()
    }
  }
}

/** Calls until the peer is lost, and gives how many timed out. */
async function untilLost({ call, news }: Cut): Promise<number> {
  let lost = false
  const down = news('down').then(() => {
    lost = true
  })
  let timeouts = 0
  while (!lost) if ((await call()) === 'SLEUTH_TIMEOUT') timeouts++
  await down
  return timeouts
}

describeUnless(
  await emulatedLinkMissing(),
  'a way that is cut while its peer speaks',
  { concurrency: true },
  () => {
    test(
      'something between has forgotten our connection, and lets the peer’s pass: it is lost soon, and back over another',
      between(async (cut) => {
        const { link, inbox, call, news } = cut
        await link.set('both', { block: 'old', port: inbox })
        const timeouts = await untilLost(cut)
        assert.ok(timeouts > 0 && timeouts <= MAX_TIMEOUTS, `${timeouts} calls timed out`)
        await news('up')
        assert.equal(await call(), undefined)
      }),
    )

    test(
      'nothing from us arrives any more, and all from the peer does: it is lost, and back when the way is open',
      between(async (cut) => {
        const { link, call, news } = cut
        await link.set({ from: link.hosts[1] }, { block: 'all' })
        const timeouts = await untilLost(cut)
        assert.ok(timeouts > 0 && timeouts <= MAX_TIMEOUTS, `${timeouts} calls timed out`)
        await link.set('both', { block: 'none' })
        await news('up')
        assert.equal(await call(), undefined)
      }),
    )
  },
)
