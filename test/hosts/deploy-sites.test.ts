import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateKeys } from '@sleuth/core'
import { readEnvironment } from '../deploy/manifests.js'
import { Program } from '../examples/program.js'
import { answerOf } from './answer-of.js'
import { emulatedLinkMissing } from './emulated-link.js'
import { describeUnless } from './missing.js'
import { createNatSites } from './nat-sites.js'

const port = 20_000 + (process.pid % 10_000)
/** The public addresses in the example. */
const EXAMPLE = ['203.0.113.7', '198.51.100.9'] as const
const keys = [generateKeys(), generateKeys()] as const

describeUnless(await emulatedLinkMissing(), 'the deployment example of two sites', {}, () => {
  test('with its two files and keys, one site calls the other, and again after a restart of either', async () => {
    const network = await createNatSites()
    const folder = mkdtempSync(join(tmpdir(), 'sleuth-sites-'))
    const programs: Program[] = []
    const allowed = join(folder, 'allowed')
    writeFileSync(allowed, keys.map(({ publicKey }) => `${publicKey}\n`).join(''))

    const filledIn = (text: string) =>
      EXAMPLE.reduce(
        (now, address, at) => now.replaceAll(address, network.sites[at as 0 | 1].publicAddress),
        text,
      )
        .replaceAll('/etc/sleuth/allowed', allowed)
        .replace(/\((public|secret) key of site ([AB])\)/g, (_, kind, site) => {
          const pair = keys[site === 'A' ? 0 : 1]
          return kind === 'public' ? pair.publicKey : pair.secretKey
        })
    const start = (name: 'web' | 'hello', site: 'a' | 'b') => {
      const set = Object.entries(readEnvironment(`sites/site-${site}.env`))
      const env = Object.fromEntries(set.map(([variable, value]) => [variable, filledIn(value)]))
      const within = network.sites[site === 'a' ? 0 : 1].hosts[0].command([])
      const bare = { SLEUTH_INTERFACE: undefined, ZSYS_INTERFACE: undefined }
      const program = new Program([`examples/deploy/app/${name}.js`], port, {
        within,
        env: { ...bare, ...env },
      })
      programs.push(program)
      return { program, within }
    }

    try {
      const answers = async ({ program, within }: ReturnType<typeof start>) => {
        for (let left = 20; ; left--) {
          const answer = await answerOf(program, within)
          if (left === 0 || !answer.startsWith('503')) return assert.match(answer, /^200 Hello from /)
        }
      }
      const hello = start('hello', 'b')
      let web = start('web', 'a')
      await answers(web)
      await hello.program.kill()
      start('hello', 'b')
      await answers(web)
      await web.program.kill()
      web = start('web', 'a')
      await answers(web)
    } finally {
      await Promise.all(programs.map((program) => program.kill()))
      await network.delete()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
