// Calls the service `chaos` until it is told to stop. Arguments: UDP port, calls a second, milliseconds
// for each. Says how many instances it knows.
import { createInterface } from 'node:readline'
import { createSleuth } from '@sleuth/core'
import { codesOf, Load } from '../chaos/load.js'

const [port, rate, timeout] = process.argv.slice(2).map(Number) as [number, number, number]
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const sleuth = await createSleuth({ port })
const tell = () => say({ event: 'known', count: sleuth.services()[0]?.instances.length ?? 0 })
sleuth.on('up', tell).on('down', tell)
say({ event: 'ready' })
let load: Load | undefined

for await (const text of createInterface({ input: process.stdin })) {
  const { id, op } = JSON.parse(text) as { id: number; op: string }
  if (op === 'load') {
    load = new Load(sleuth, { method: 'GET', rate, timeout })
    say({ id })
  } else {
    const outcomes = (await load?.stop()) ?? []
    const wrong = outcomes.filter((one) => one.wrong).length
    say({ id, calls: outcomes.length, failed: codesOf(outcomes), wrong })
  }
}
await sleuth.close()
