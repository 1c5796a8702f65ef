import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
// The programs are compiled by the test, so they stand beside its source, not beside what it was compiled to.
const programs = fileURLToPath(new URL('../../types/programs', import.meta.url))

/** Compiles what users write, against the packages as they are built. A line that must not compile says so itself. */
async function compile(compiler: string, project: string): Promise<string[]> {
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
  const child = spawn(process.execPath, [tsc, '--project', project, '--pretty', 'false'], { cwd: programs })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return [...output.split('\n'), ...errors.split('\n')].filter((line) => line !== '' && !isForeign(line))
}

/** What is wrong in other packages' declarations, or between them, is not ours to mend. */
function isForeign(line: string): boolean {
  return line.startsWith('../../../node_modules/')
}

describe('programs compile that should, and no others', () => {
  for (const compiler of ['typescript', 'typescript-oldest']) {
    const { version } = require(`${compiler}/package.json`) as { version: string }
    test(`TypeScript ${version}, ES modules`, async () => {
      assert.deepEqual(await compile(compiler, 'tsconfig.esm.json'), [])
    })
  }
  test('the newest TypeScript, for a bundler', async () => {
    assert.deepEqual(await compile('typescript', 'tsconfig.bundler.json'), [])
  })
  // Since 5.8, TypeScript knows that Node lets CommonJS require an ES module.
  test('the newest TypeScript, CommonJS', async () => {
    assert.deepEqual(await compile('typescript', 'tsconfig.cjs.json'), [])
  })
})
