import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineProcess } from './line-process.js'
import { describeUnless } from './missing.js'
import { createPair, type Host, hostsMissing } from './namespaces.js'

const port = String(20_000 + (process.pid % 10_000))
const peerProgram = fileURLToPath(new URL('./node-peer.js', import.meta.url))
/** A process of a container sees none of the processes outside. */
const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

describeUnless(await hostsMissing(), 'the host directory', {}, () => {
  test('is enough for nodes of several containers that share it, though none sees the process of another', async () => {
    const pair = await createPair()
    const folder = mkdtempSync(join(tmpdir(), 'sleuth-hosts-'))
    const started: LineProcess[] = []
    const start = async (host: Host, within: readonly string[] = []) => {
      const program = [...within, process.execPath, peerProgram, '--interface', 'loopback', '--port', port]
      const child = new LineProcess(host.command(program), { SLEUTH_DISCOVERY: 'host', TMPDIR: folder })
      started.push(child)
      const { peer } = await child.news('ready')
      return { child, id: peer as string }
    }
    try {
      const [host] = pair.hosts
      const nodes = [await start(host, container), await start(host, container), await start(host)]
      const others = (id: string) => nodes.map((node) => node.id).filter((other) => other !== id)
      for (const { child, id } of nodes) {
        const met = [await child.news('enter'), await child.news('enter')].map(({ peer }) => peer)
        assert.deepEqual(met.sort(), others(id).sort())
      }
      const files = readdirSync(join(folder, `sleuth-${process.getuid?.()}`, port))
      assert.deepEqual(files.sort(), nodes.map(({ id }) => `${id}.json`).sort())
    } finally {
      await Promise.all(started.map((child) => child.kill()))
      await pair.delete()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
