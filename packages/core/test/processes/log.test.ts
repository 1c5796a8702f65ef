import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { freePort } from '../port.js'

/** The lines that a program of ours prints which joins and leaves, and has an offer of no use to others. */
async function linesAt(logLevel: string | undefined) {
  const entry = JSON.stringify(import.meta.resolve('@sleuth/core'))
  const options = JSON.stringify({ logLevel, interface: 'loopback', port: await freePort() })
  const code = `
    const { createSleuth } = await import(${entry})
    const sleuth = await createSleuth(${options})
    await sleuth.close()`
  const args = ['--input-type=module', '--eval', code]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 0, stderr)
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as { name: string; level: number; msg: string; code?: string })
}

describe('the logger that a program has without one of its own', () => {
  for (const level of [undefined, 'silent', 'fatal', 'error'])
    it(`prints nothing of what is well: ${level}`, async () => {
      assert.deepEqual(await linesAt(level), [])
    })

  for (const level of ['info', 'listen'])
    it(`prints JSON from its level on: ${level}`, async () => {
      const lines = await linesAt(level)
      assert.ok(lines.length > 0)
      for (const line of lines) assert.deepEqual([line.name, line.level], ['sleuth', 30], line.msg)
    })

  it('prints that it knows no such level, and is at debug', async () => {
    const lines = await linesAt('loud')
    assert.deepEqual([lines[0]?.level, lines[0]?.code], [50, 'SLEUTH_LOG_LEVEL'])
    assert.ok(lines.every(({ level }) => level >= 20))
  })
})
