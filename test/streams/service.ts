// A service that streams. Argument: UDP port.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSleuth } from '@sleuth/core'
import { watchMemory } from './memory.js'
import { check, chunk } from './pattern.js'

const tell = (name: string, value: unknown = true) => process.send?.([name, value])

await createSleuth({
  service: 'streams',
  interface: 'loopback',
  port: Number(process.argv[2]),
  async handler(req, res) {
    const url = new URL(req.url as string, 'http://streams')
    if (url.pathname === '/down') await down(res, Number(url.searchParams.get('mib')))
    else if (url.pathname === '/up') await up(req, res)
    else endless(req, res)
  },
})
tell('ready')

async function down(res: ServerResponse, mib: number): Promise<void> {
  const grown = watchMemory()
  for (let at = 0; at < mib * 2 ** 20; at += chunk.length) {
    if (!res.write(chunk)) await new Promise((resolve) => res.once('drain', resolve))
  }
  res.end()
  tell('grown', grown())
}

async function up(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const grown = watchMemory()
  let bytes = 0
  for await (const part of req) bytes = check(part, bytes)
  res.end(JSON.stringify({ bytes, grown: grown() }))
}

/** Answers with what never ends, and tells how it ended all the same. */
function endless(req: IncomingMessage, res: ServerResponse): void {
  req.on('aborted', () => tell('aborted'))
  res.on('close', () => tell('closed', res.writableFinished))
  const write = () => {
    while (!res.destroyed && res.write(chunk));
  }
  res.on('drain', write)
  write()
}
