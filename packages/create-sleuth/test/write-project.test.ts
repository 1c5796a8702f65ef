import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { NotWritten, writeProject } from '#src/write-project.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-sleuth-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('writes into a new folder', () => {
  writeProject(join(folder, 'a'), { 'src/app.js': 'app', 'README.md': 'read' })
  assert.equal(readFileSync(join(folder, 'a/src/app.js'), 'utf8'), 'app')
})

it('leaves alone what is there, a link to nowhere too', () => {
  writeFileSync(join(folder, 'file'), 'mine')
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  for (const name of ['file', 'link'])
    assert.throws(() => writeProject(join(folder, name), { a: '' }), { message: /here already$/ })
  assert.equal(existsSync(join(folder, 'nowhere')), false)
})

it('says why there can be no folder', () => {
  writeFileSync(join(folder, 'file'), '')
  const wrong = (error: Error) =>
    error instanceof NotWritten && /can't make the folder .*ENOTDIR/.test(error.message)
  assert.throws(() => writeProject(join(folder, 'file/a'), { a: '' }), wrong)
})

it('leaves nothing half', () => {
  const name = join(folder, 'a')
  assert.throws(() => writeProject(name, { b: 'a file', 'b/c': 'can not be in a file' }), NotWritten)
  assert.equal(existsSync(name), false)
})

/** Nobody may write there; root may not either, since the kernel makes these folders. */
it('says so where the user may not write', { skip: process.platform !== 'linux' }, () => {
  const wrong = (error: Error) =>
    error instanceof NotWritten && /you may not write here|ENOENT/.test(error.message)
  assert.throws(() => writeProject('/proc/sys/create-sleuth', { a: '' }), wrong)
})
