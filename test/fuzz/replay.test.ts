import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

/** As `fuzz/targets` has them. */
interface Target {
  seeds(): Buffer[]
  run(bytes: Buffer): unknown
}

interface Fuzz {
  targets: Record<string, () => Promise<Target>>
  readInputs(kind: 'corpus' | 'findings', name: string): Buffer[]
  mutate(input: Buffer, others: Buffer[], words: Buffer[], random: object, longest: number): Buffer
  Random: new (seed: number) => object
}

/** It is no workspace, and has no types: its instrumenter is installed there alone, and not needed here. */
const fuzz = fileURLToPath(new URL('../../../fuzz', import.meta.url))
const load = async (name: string): Promise<Fuzz> => import(`${fuzz}/${name}.js`)
const { targets } = await load('targets/index')
const { readInputs } = await load('lib/inputs')
const { mutate } = await load('lib/mutate')
const { Random } = await load('lib/random')

/** Of each input of the corpus. The same in every run. */
const CHANGED = 5
const LONGEST = 4096

describe('what the fuzzer has kept', { timeout: 120_000 }, () => {
  for (const [name, open] of Object.entries(targets)) {
    it(`${name}: nothing is wrong with the corpus, with what once was found, and with some like them`, async () => {
      const target = await open()
      const corpus = [...target.seeds(), ...readInputs('corpus', name)]
      assert.ok(corpus.length > 0)
      for (const bytes of [...readInputs('findings', name), ...corpus]) await target.run(bytes)
      const random = new Random(name.length)
      for (const bytes of corpus) {
        for (let time = 0; time < CHANGED; time++)
          await target.run(mutate(bytes, corpus, [], random, LONGEST))
      }
    })
  }
})
