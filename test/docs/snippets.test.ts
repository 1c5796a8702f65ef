import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSleuth } from '@sleuth/core'
import { Program } from '../examples/program.js'
import { blocks, pages, root } from './markdown.js'
import { folder, type Snippet, writeSnippets } from './snippets.js'

const ports = { serve: 23_020, run: 23_021 }
const sandbox = fileURLToPath(new URL('sandbox.js', import.meta.url))
const snippets = writeSnippets()
const noted = (note: RegExp) => snippets.filter((snippet) => note.test(snippet.note))

test('every block of code in the docs compiles', async () => {
  assert.ok(snippets.length > 15)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder], (_error, stdout, stderr) => resolve(stdout + stderr))
  })
  assert.equal(output, '')
})

test('every block of JSON in the docs is JSON', () => {
  for (const { language, code, where } of pages().flatMap(blocks)) {
    if (language === 'json') assert.doesNotThrow(() => JSON.parse(code), where)
  }
})

test("README.md's three services find and answer each other", { timeout: 60_000 }, async (t) => {
  const services = noted(/^serve: /)
  assert.equal(services.length, 3)
  for (const snippet of services) {
    const program = run(snippet, ports.serve)
    t.after(() => program.kill())
  }
  const client = await createSleuth({ interface: 'loopback', port: ports.serve, timeout: 10_000 })
  t.after(() => client.close())
  await client.waitFor(
    services.map(({ note }) => note.slice('serve: '.length)),
    { timeout: 30_000 },
  )
  // We have found all three; they may still be about to find each other, and answer 500 until then.
  let response = await client.do('sleuth://article-service/articles')
  while (response.status === 500 && !t.signal.aborted) {
    response = await client.do('sleuth://article-service/articles')
  }
  const comments = [{ text: 'I like bears', author: { name: 'Ursula' } }]
  assert.deepEqual(await response.json(), { title: 'Bears', comments })
})

for (const snippet of noted(/^run, prints: /)) {
  test(`${snippet.where} runs, and prints what it should`, async (t) => {
    const program = run(snippet, ports.run)
    t.after(() => program.kill())
    assert.equal(await program.ends(), 0, program.output)
    assert.equal(program.output.trim(), snippet.note.slice('run, prints: '.length))
  })
}

function run({ file }: Snippet, port: number): Program {
  return new Program(['--import', sandbox, file], port)
}
