import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseSeedLines, readSeedFile } from '#src/discovery/seed-file.js'

describe('a file of seeds', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sleuth-seeds-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('has a seed in each line, and lines for people', () => {
    const { seeds, faults } = parseSeedLines('# ours\r\n\r\n tcp://10.0.0.5 \ndns://api:80\n')
    assert.deepEqual([seeds.map(({ text }) => text), faults], [['tcp://10.0.0.5', 'dns://api:80'], []])
  })

  it('says which lines are none, and takes the others', () => {
    const { seeds, faults } = parseSeedLines('nonsense\ntcp://a\nfile:///other\n')
    assert.deepEqual(
      seeds.map(({ text }) => text),
      ['tcp://a'],
    )
    assert.deepEqual(
      faults.map(({ line }) => line),
      [1, 3],
    )
  })

  it('has at most 1024 seeds', () => {
    const { seeds, faults } = parseSeedLines('tcp://a\n'.repeat(1025))
    assert.deepEqual([seeds.length, faults.map(({ line }) => line)], [1024, [1025]])
  })

  it('is read whole', async () => {
    const path = join(folder, 'seeds')
    const text = 'tcp://10.0.0.5:5670\n'.repeat(3000)
    writeFileSync(path, text)
    assert.equal(await readSeedFile(path), text)
  })

  it('is refused when it is missing, too large, or none', async () => {
    const large = join(folder, 'large')
    writeFileSync(large, Buffer.alloc(64 * 1024 + 1, 0x20))
    const fifo = join(folder, 'fifo')
    execFileSync('mkfifo', [fifo])
    await assert.rejects(readSeedFile(join(folder, 'missing')), { code: 'ENOENT' })
    await assert.rejects(readSeedFile(large), /more than 65536 bytes/)
    await assert.rejects(readSeedFile(fifo), /is no file/)
    await assert.rejects(readSeedFile(folder), /is no file/)
  })
})
