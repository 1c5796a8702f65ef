import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipFor } from '../hosts/missing.js'
import { hostsMissing } from '../hosts/namespaces.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { Caller, type CallerName, callerNames } from './caller.js'
import { cases, type Pairing } from './cases.js'
import { departures } from './departures.js'
import { freshPort, Network } from './network.js'
import { type Direction, Table } from './table.js'

const table = new Table()
const built = await buildGo()
const goMissing = 'missing' in built ? built.missing : undefined
const go = built as GoPrograms

const frameworks = ['handler', 'fastify', 'express', 'koa']
const networks = [
  { title: 'loopback', missing: goMissing, open: async () => Network.loopback(go) },
  { title: 'veth', missing: goMissing ?? (await hostsMissing()), open: () => Network.veth(go) },
] as const

for (const { title, missing, open } of networks) {
  describe(`the real Go sleuth, over ${title}`, { skip: skipFor(missing) }, () => {
    let network: Network
    before(async () => {
      network = await open()
    })
    after(() => network?.close())

    /** A test whose outcome goes into the table. */
    const row = (
      name: string,
      direction: Direction,
      label: string,
      run: (note: (text: string) => void) => Promise<void>,
    ) => {
      test(`${label}: ${name}`, async () => {
        const notes: string[] = []
        try {
          await run((text) => notes.push(text))
          table.record(name, title, direction, true, notes)
        } catch (error) {
          table.record(name, title, direction, false, [`${label}: ${error}`])
          throw error
        }
      })
    }

    describe('requests and replies', () => {
      const callers = new Map<CallerName, Caller>()
      const pairing = (name: CallerName, service: string, note: Pairing['note']): Pairing => {
        const caller = callers.get(name)
        assert.ok(caller, 'the programs did not start')
        return { caller, service, note }
      }

      before(async () => {
        const port = freshPort()
        const services = frameworks.map((app) => network.nodeService(port, app, app))
        const [byGo, byNode] = await Promise.all([
          network.goCaller(port),
          network.nodeCaller(port),
          network.goService(port, 'go'),
          ...services,
        ])
        callers.set('Go', byGo)
        callers.set('Node do', byNode)
        callers.set('Node request', new Caller('Node request', byNode.client))
        await byGo.waitFor('go', ...frameworks)
        await byNode.waitFor('go', ...frameworks)
      })
      after(() => network.stop())

      for (const { name, callers: names = callerNames, run } of cases) {
        for (const caller of names) {
          for (const service of caller === 'Go' ? frameworks : ['go']) {
            const direction = caller === 'Go' ? 'Go → Node' : 'Node → Go'
            row(name, direction, `${caller} → ${service}`, (note) => run(pairing(caller, service, note)))
          }
        }
      }
    })

    describe('coming and going', { concurrency: 4 }, () => {
      for (const { name, direction, run } of departures) {
        row(name, direction, direction, (note) => run(network, note))
      }
    })
  })
}

after(() => {
  if (goMissing === undefined) process.stdout.write(`\n${table}\n\n`)
})
