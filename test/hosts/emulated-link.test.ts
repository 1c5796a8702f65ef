import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { EmulatedLink, emulatedLinkMissing, type LinkProperties } from './emulated-link.js'
import { describeUnless } from './missing.js'
import type { Host } from './namespaces.js'

const run = promisify(execFile)

function over(properties: LinkProperties, use: (link: EmulatedLink) => Promise<void>): () => Promise<void> {
  return async () => {
    const link = await EmulatedLink.create(properties)
    try {
      await use(link)
    } finally {
      await link.delete()
    }
  }
}

/** Sends bytes over a TCP connection between two programs: what came, and in how many milliseconds. */
const receiver = `
  require('net').createServer((socket) => {
    let bytes = 0, first = 0
    socket.on('data', (data) => { first ||= performance.now(); bytes += data.length })
    socket.on('end', () => { console.log(JSON.stringify({ bytes, time: performance.now() - first })); process.exit() })
  }).listen(7000, () => console.log('ready'))`
const sender = (address: string, bytes: number) => `
  require('net').connect(7000, '${address}').end(Buffer.alloc(${bytes}))
    .on('error', (error) => { console.log(error.code); process.exit(1) })`

async function transfer(from: Host, to: Host, bytes: number): Promise<{ bytes: number; time: number }> {
  const node = (host: Host, script: string) => {
    const [command = '', ...args] = host.command([process.execPath, '-e', script])
    return run(command, args)
  }
  const receiving = node(to, receiver)
  await new Promise((resolve) => receiving.child.stdout?.once('data', resolve))
  await node(from, sender(to.address, bytes))
  const { stdout } = await receiving
  return JSON.parse(stdout.trim().split('\n').at(-1) as string)
}

describeUnless(await emulatedLinkMissing(), 'an emulated link', { concurrency: true }, () => {
  test(
    'carries what a TCP connection sends, no faster than at its rate',
    over({ rate: 20_000_000 }, async ({ hosts: [a, b] }) => {
      const { bytes, time } = await transfer(a, b, 1_000_000)
      assert.equal(bytes, 1_000_000)
      // All but what was in the first segments, at 20 bits a microsecond.
      assert.ok(time > 300, `${time}`)
    }),
  )

  test(
    'loses frames, and TCP repeats them',
    over({ loss: 0.05, seed: 7 }, async ({ hosts: [a, b] }) => {
      assert.equal((await transfer(b, a, 300_000)).bytes, 300_000)
    }),
  )

  test(
    'can let no connection be opened one way',
    over({}, async (link) => {
      const [a, b] = link.hosts
      await link.set({ from: a }, { block: 'syn' })
      const connect = (from: Host, to: Host) => {
        const script = `require('net').connect(7001, '${to.address}')
          .on('error', ({ code }) => { console.log(code); process.exit() }).setTimeout(1500, () => { console.log('silence'); process.exit() })`
        const [command = '', ...args] = from.command([process.execPath, '-e', script])
        return run(command, args).then(({ stdout }) => stdout.trim())
      }
      assert.equal(await connect(a, b), 'silence')
      assert.equal(await connect(b, a), 'ECONNREFUSED')
      await link.set({ from: a }, { block: 'none' })
      assert.equal(await connect(a, b), 'ECONNREFUSED')
    }),
  )
})
