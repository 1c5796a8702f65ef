// An instance of the service `chaos`. Arguments: UDP port, file for the ids of the calls that ran, JSON of more options.
// It answers with the id of the call after `work` milliseconds, or in so many `parts`, or with the body that it was sent.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth } from '@sleuth/core'

const [port, file, options] = process.argv.slice(2) as [string, string, string]
/** Milliseconds between two parts of an answer. */
const PART_MS = 30

// Written before a call is answered, so that what ran is known of a process that is killed.
const log = openSync(file, 'a')

const sleuth = await createSleuth({
  service: 'chaos',
  interface: 'loopback',
  port: Number(port),
  async handler(req, res) {
    const { searchParams } = new URL(req.url as string, 'http://chaos')
    const id = searchParams.get('id') as string
    writeSync(log, `${id}\n`)
    const work = Number(searchParams.get('work'))
    if (work > 0) await sleep(work)
    res.setHeader('x-pid', process.pid)
    if (Number(req.headers['content-length']) > 0) {
      req.pipe(res)
      return
    }
    for (let part = Number(searchParams.get('parts')); part > 0; part--) {
      res.write(id)
      await sleep(PART_MS)
    }
    res.end(id)
  },
  meta: { pid: String(process.pid) },
  ...JSON.parse(options),
})

process.on('message', async ([what, milliseconds]: [string, number]) => {
  if (what === 'block') {
    const end = performance.now() + milliseconds
    while (performance.now() < end);
  } else {
    await sleuth.close()
    process.disconnect()
  }
})
process.send?.('ready')
