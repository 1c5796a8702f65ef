/** A service as a program: `/bytes/N` answers with N bytes, and every other request when it has read it. */
import { createSleuth } from '@sleuth/core'
import { obey, write } from './program.js'

const [port, service, wire, lostAfter = '5000'] = process.argv.slice(2) as [string, string, string, string?]

const log = (fields: object, message: string) => {
  const { reason } = fields as { reason?: string }
  write({ event: 'log', reason, message })
}

let answered = 0
const sleuth = await createSleuth({
  service,
  port: Number(port),
  lostAfter: Number(lostAfter),
  logger: { trace() {}, debug() {}, info() {}, warn: log, error: log },
  // On wire 1 the answers of a test take the link 4.5 s by themselves, and the link is a process beside others.
  drainTimeout: 60_000,
  wire: Number(wire) as 1 | 2,
  handler: async (req, res) => {
    const [, bytes] = /^\/bytes\/(\d+)/.exec(req.url ?? '') ?? []
    if (bytes === undefined) for await (const _ of req);
    res.end(bytes === undefined ? 'ok' : Buffer.alloc(Number(bytes), 'x'))
    answered++
    write({ event: 'answered', answered })
  },
})
sleuth.on('down', ({ reason }) => write({ event: 'down', reason }))
write({ event: 'ready' })

obey<{ id: number; op: string }>(async ({ op }) => {
  if (op !== 'close') throw new Error(`unknown command ${op}`)
  await sleuth.close()
  return { stats: sleuth.stats() }
})
