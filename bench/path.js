// The functions of sleuth's own that one warm call takes, both ends in this process. Argument: UDP port.
import { createSleuth } from '@sleuth/core'
import { totals, trace } from '../test/build/trace/trace.js'

const options = { interface: 'loopback', port: Number(process.argv[2]), timeout: 10_000 }
const body = Buffer.alloc(128, 'x')
const service = await createSleuth({ ...options, service: 'echo', handler })
const caller = await createSleuth(options)
await caller.waitFor('echo')
const calls = {
  'GET by request()': () => caller.request('sleuth://echo/'),
  'POST of 128 bytes by request()': () => caller.request('sleuth://echo/', { method: 'POST', body }),
  'GET by do()': async () => (await caller.do('sleuth://echo/')).text(),
  'GET by fetch()': async () => (await caller.fetch('sleuth://echo/')).text(),
}
const paths = {}
for (const [name, call] of Object.entries(calls)) paths[name] = totals(await trace(call))
await caller.close()
await service.close()
process.send(paths, () => process.exit())

function handler(req, res) {
  if (req.method === 'GET') res.end('hello')
  else req.resume().once('end', () => res.end('hello'))
}
