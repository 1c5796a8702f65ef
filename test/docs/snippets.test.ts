import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSleuth } from '@sleuth/core'
import { Program } from '../examples/program.js'
import { blocks, pages, root } from './markdown.js'
import { compiled, folder, type Snippet, writeSnippets } from './snippets.js'

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
  const comments = [{ text: 'I like bears', author: { name: 'Ursula' } }]
  assert.equal(served('README.md').length, 3)
  assert.deepEqual(await answerOf('README.md', 'article-service/articles', t), { title: 'Bears', comments })
})

test("docs/start.md's two services find and answer each other", { timeout: 60_000 }, async (t) => {
  assert.equal(served('docs/start.md').length, 2)
  assert.deepEqual(await answerOf('docs/start.md', 'articles/', t), {
    title: 'Bears',
    author: { name: 'Ursula' },
  })
})

function served(page: string): Snippet[] {
  return noted(/^serve: /).filter(({ where }) => where.startsWith(`${page}:`))
}

/** What the services of a page answer, once they have found each other. */
async function answerOf(page: string, path: string, t: TestContext): Promise<unknown> {
  const services = served(page)
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
  // The client has found all of them. They may still be about to find each other, and answer 500 until then.
  let response = await client.do(`sleuth://${path}`)
  while (response.status === 500 && !t.signal.aborted) response = await client.do(`sleuth://${path}`)
  return response.json()
}

for (const snippet of noted(/^run, prints: /)) {
  test(`${snippet.where} runs, and prints what it should`, async (t) => {
    const program = run(snippet, ports.run)
    t.after(() => program.kill())
    assert.equal(await program.ends(), 0, program.output)
    assert.equal(program.output.trim(), snippet.note.slice('run, prints: '.length))
  })
}

for (const snippet of noted(/^test$/)) {
  test(`${snippet.where} passes`, async (t) => {
    // Else it would report to the runner of this test, and not in text.
    const env = { NODE_TEST_CONTEXT: undefined }
    const program = new Program([compiled(snippet)], ports.run, { env })
    t.after(() => program.kill())
    assert.equal(await program.ends(), 0, program.output)
    assert.match(program.output, /^# pass [1-9]/m)
  })
}

function run(snippet: Snippet, port: number): Program {
  return new Program(['--import', sandbox, compiled(snippet)], port)
}
