import { after, describe, test } from 'node:test'
import { contract } from '../cases/index.js'
import type { Framework } from './case.js'
import { start } from './framework.js'
import { compareCase, differenceOn, suits } from './run.js'

/** Registers the contract of one framework with `node:test`: every case, over every wire, against real HTTP. */
export async function suite(framework: Framework): Promise<void> {
  const { http, wires, close } = await start(framework)
  after(close)
  for (const wire of wires) {
    describe(`${framework} over ${wire.name}`, () => {
      for (const { name, cases } of contract[framework]) {
        describe(name, () => {
          for (const one of cases.filter((candidate) => suits(candidate, wire))) {
            const difference = differenceOn(one, wire)
            const name = difference ? `${one.name} (differs: ${difference.why})` : one.name
            test(name, () => compareCase(one, framework, http, wire))
          }
        })
      }
    })
  }
}
