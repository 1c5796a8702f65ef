import { after, before, describe, test } from 'node:test'
import type { LineProcess } from '../hosts/line-process.js'
import { describeUnless } from '../hosts/missing.js'
import { hostsMissing } from '../hosts/namespaces.js'
import { buildGo, type GoPrograms } from './build-go.js'
import { Caller, callerNames } from './caller.js'
import { cases } from './cases.js'
import { departures } from './departures.js'
import { freshPort, Network } from './network.js'
import { type Direction, Table } from './table.js'

const table = new Table([...cases, ...departures].map(({ name }) => name))
const built = await buildGo()
const goMissing = 'missing' in built ? built.missing : undefined
const go = built as GoPrograms

const frameworks = ['handler', 'fastify', 'express', 'koa']
const networks = [
  { title: 'loopback', missing: goMissing, open: async () => Network.loopback(go) },
  { title: 'veth', missing: goMissing ?? (await hostsMissing()), open: () => Network.veth(go) },
] as const

for (const { title, missing, open } of networks) {
  describeUnless(missing, `the real Go sleuth, over ${title}`, {}, () => {
    let network: Network
    before(async () => {
      network = await open()
    })
    after(() => network?.close())

    /** A test whose outcome goes into the table. */
    const row = (
      name: string,
      direction: Direction,
      run: (note: (text: string) => void) => Promise<void>,
    ) => {
      test(name, async () => {
        const notes: string[] = []
        try {
          await run((text) => notes.push(text))
          table.record(name, title, direction, true, notes)
        } catch (error) {
          table.record(name, title, direction, false, [String(error)])
          throw error
        }
      })
    }

    describe('requests and replies', { concurrency: true }, () => {
      let clients: Record<'go' | 'node', LineProcess>
      before(async () => {
        const port = freshPort()
        const services = [
          ...frameworks.map((app) => network.nodeService(port, app, app)),
          network.goService(port, 'go'),
        ]
        const [go, node] = await Promise.all([network.goClient(port), network.nodeClient(port), ...services])
        await go.tell('waitFor', { services: frameworks })
        await node.tell('waitFor', { services: ['go'] })
        clients = { go, node }
      })
      after(() => network.stop())

      for (const name of callerNames) {
        const language = name === 'Go' ? 'go' : 'node'
        for (const service of language === 'go' ? frameworks : ['go']) {
          describe(`${name} → ${service}`, { concurrency: 1 }, () => {
            let caller: Caller
            before(() => {
              caller = new Caller(name, clients[language])
            })
            for (const { name: title, run } of cases.filter(({ callers = callerNames }) =>
              callers.includes(name),
            )) {
              row(title, language === 'go' ? 'Go → Node' : 'Node → Go', (note) =>
                run({ caller, service, note }),
              )
            }
          })
        }
      }
    })

    describe('coming and going', { concurrency: 4 }, () => {
      for (const { name, direction, run } of departures) {
        row(name, direction, (note) => run(network, note))
      }
    })
  })
}

after(() => {
  if (goMissing === undefined) process.stdout.write(`\n${table}\n\n`)
})
